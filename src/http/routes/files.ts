// Files that jobs read: in as a form or as the body itself, out as an attachment.
import fastifyMultipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { downloadFile, type FileView, uploadFile } from "../../api/file-operations.ts";
import { invalidRequest } from "../../domain/errors.ts";
import type { FileEntry } from "../../ports/store.ts";
import { download } from "../download.ts";
import { refuseEncoded } from "../json-body.ts";
import type { RouteServices } from "../route-services.ts";
import { serve } from "../serve.ts";
import { passLeftover, receiveForm, storeUpload } from "../upload.ts";

export function fileRoutes(app: FastifyInstance, services: RouteServices): void {
  serve(app, downloadFile, services, async ({ params, reply }) =>
    download(reply, await services.manager.files.open(params.id)),
  );
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    await scope.register(fastifyMultipart);
    uploadRoute(scope, services);
  });
}

function uploadRoute(app: FastifyInstance, services: RouteServices): void {
  serve(app, uploadFile, services, async ({ request, reply, query }) => {
    try {
      const entry = request.isMultipart()
        ? await storeForm(request, services)
        : await storeRaw(request, query.name, services);
      reply.header("location", `/api/v1/files/${entry.id}`);
      return toFileView(entry);
    } catch (error) {
      await passLeftover(request, reply, services.clock);
      throw error;
    }
  });
}

async function storeForm(request: FastifyRequest, { uploads }: RouteServices): Promise<FileEntry> {
  const { files } = await receiveForm(request, { jsonFields: [], filesMax: 1 }, uploads);
  const [entry] = files.values();
  if (!entry) throw invalidRequest("The form has no file field.");
  return entry;
}

async function storeRaw(
  request: FastifyRequest,
  name: string | undefined,
  { uploads }: RouteServices,
): Promise<FileEntry> {
  const { headers } = request;
  refuseEncoded(headers);
  const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  if (!hasBody) throw invalidRequest("The request has no body. Send the file as a form field, or as the body itself.");
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return storeUpload(request.raw, { name, type }, uploads);
}

const toFileView = ({ id, name, size, sha256, mediaType }: FileEntry): FileView => ({
  id,
  name,
  size,
  sha256,
  mediaType,
});
