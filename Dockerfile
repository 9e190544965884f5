# Pawl in a container: it serves unless another command is named. docs/guides/containers.md tells how to use it.
FROM node:24.21.0-trixie-slim AS base
WORKDIR /app

FROM base AS dependencies
COPY package.json package-lock.json ./
# Nothing that Pawl runs on has an install script. Its tools have some, which would fetch a second Node and a PostgreSQL.
RUN npm ci --omit=dev --ignore-scripts

FROM dependencies AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY ui ./ui
RUN npm run build

FROM base
ENV NODE_ENV=production PAWL_HOST=0.0.0.0 PAWL_DATA=/data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY --from=build /app/dist ./dist
RUN ln -s /app/bin/pawl.js /usr/local/bin/pawl && install -d -o node -g node -m 700 /data
# The base image's user `node`, as a number: Kubernetes only believes numbers when nobody may be root.
USER 1000:1000
VOLUME /data
EXPOSE 8080
# Node itself asks: there is no curl in the image. A worker serves no HTTP and needs --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PAWL_PORT || 8080) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Process 1 is Node, without a shell in between that would keep SIGTERM to itself.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/usr/local/bin/pawl"]
CMD ["serve"]
