// Where a request ends: lengths that contradict each other, so that two readers would see different requests.
import { BAD, cut, type HostileCase, raw, refused, TOO_LARGE, WRONG_TYPE } from "../hostile-case.ts";

const JOB = '{"type":"ticker","queue":"shelf","input":{"times":1}}';
/** What an attacker hides behind the first request: it must not be carried out. */
const HIDDEN = "POST /api/v1/jobs/{{held}}/cancel HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const HEAD = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const framed = (lengths: string, body: string) => raw(`${HEAD}${lengths}\r\n\r\n${body}`);
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

export const FRAMING: readonly HostileCase[] = [
  refused(
    "a length and chunks",
    framed(`Content-Length: ${JOB.length}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${HIDDEN}`),
    BAD,
  ),
  refused(
    "chunks and a length",
    framed("Transfer-Encoding: chunked\r\nContent-Length: 4", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`),
    BAD,
  ),
  refused("two lengths", framed("Content-Length: 0\r\nContent-Length: 53", JOB + HIDDEN), BAD),
  refused("two lengths in one header", framed("Content-Length: 0, 53", JOB + HIDDEN), BAD),
  refused("a length that is negative", framed("Content-Length: -1", JOB + HIDDEN), BAD),
  refused("a length with a plus", framed(`Content-Length: +${JOB.length}`, JOB + HIDDEN), BAD),
  refused("a length in hexadecimal", framed("Content-Length: 0x35", JOB + HIDDEN), BAD),
  refused("a length with a fraction", framed("Content-Length: 53.0", JOB + HIDDEN), BAD),
  refused("a length of words", framed("Content-Length: all", JOB + HIDDEN), BAD),
  refused("a length that is empty", framed("Content-Length: ", JOB + HIDDEN), BAD),
  refused("a length that no number holds", framed(`Content-Length: ${"9".repeat(40)}`, JOB), BAD),
  refused(
    "a length that promises more than may come",
    framed("Connection: close\r\nContent-Length: 99999999999", JOB),
    TOO_LARGE,
  ),
  refused("chunks in another spelling", framed("Transfer-Encoding: xchunked", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`), BAD),
  refused(
    "chunks that are not last",
    framed("Transfer-Encoding: chunked, identity", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`),
    BAD,
  ),
  refused(
    "chunks with a tab before them",
    framed("Transfer-Encoding:\tchunked\r\nContent-Length: 3", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`),
    BAD,
  ),
  refused("an encoding behind a space", framed("Transfer-Encoding : chunked", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`), BAD),
  refused(
    "two encodings",
    framed("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", `${chunk(JOB)}0\r\n\r\n${HIDDEN}`),
    BAD,
  ),
  refused("a chunk whose size is none", framed("Transfer-Encoding: chunked", `zz\r\n${JOB}\r\n0\r\n\r\n`), BAD),
  refused("a chunk whose size is negative", framed("Transfer-Encoding: chunked", `-1\r\n${JOB}\r\n0\r\n\r\n`), BAD),
  refused("a chunk that is longer than it says", framed("Transfer-Encoding: chunked", `5\r\n${JOB}\r\n0\r\n\r\n`), BAD),
  refused(
    "a chunk whose size no number holds",
    framed("Transfer-Encoding: chunked", `${"f".repeat(40)}\r\n${JOB}`),
    BAD,
  ),
  refused(
    "a chunk with 20,000 characters beside its size",
    framed("Transfer-Encoding: chunked", `35;${"a".repeat(20_000)}\r\n${JOB}\r\n0\r\n\r\n`),
    BAD,
  ),
  refused(
    "chunks of a body that is too large",
    framed("Connection: close\r\nTransfer-Encoding: chunked", chunk("x".repeat(1_100_000))),
    TOO_LARGE,
  ),
  refused(
    "a body that is packed",
    raw(`${HEAD}Content-Encoding: gzip\r\nConnection: close\r\nContent-Length: ${JOB.length}\r\n\r\n${JOB}`),
    WRONG_TYPE,
  ),
  cut("a body that breaks off", { ...framed("Content-Length: 1000", JOB), breakOff: true }),
  cut("chunks that break off", { ...framed("Transfer-Encoding: chunked", chunk(JOB)), breakOff: true }),
  cut("headers that break off", { ...raw("POST /api/v1/jobs HTTP/1.1\r\nHost: loc"), breakOff: true }),
  cut("an upload that breaks off", {
    ...raw(
      "POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\na,b\n",
    ),
    breakOff: true,
  }),
  cut("a form that breaks off", {
    ...raw(
      `POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name="job"\r\n\r\n${JOB}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na,b\n`,
    ),
    breakOff: true,
  }),
];
