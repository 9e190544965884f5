// Bodies that are not what JSON should be.
import assert from "node:assert/strict";
import { BAD, type HostileCase, nested, post, refused, submit, TOO_LARGE, taken, WRONG_TYPE } from "../hostile-case.ts";

const jobs = (body: string | Buffer) => ({ ...post("/api/v1/jobs", ""), body });
const bytes = (text: string) => Buffer.from(text, "latin1");
const tick = (rest: string) => jobs(`{"type":"ticker","queue":"shelf","input":{"times":1}${rest}}`);
const withInput = (input: string) => jobs(`{"type":"ticker","queue":"shelf","input":${input}}`);

export const JSON_BODIES: readonly HostileCase[] = [
  refused("an object that never ends", jobs("{"), BAD),
  refused("an object that ends twice", tick("}"), BAD),
  refused("a comma before the end", jobs('{"type":"ticker","input":{},}'), BAD),
  refused("keys in single quotes", jobs("{'type':'ticker','input':{}}"), BAD),
  refused("keys without quotes", jobs('{type:"ticker",input:{}}'), BAD),
  refused("a comment in the JSON", jobs('{"type":"ticker",/* hello */"input":{}}'), BAD),
  refused("two values on two lines", jobs('{"type":"ticker","input":{}}\n{"type":"ticker","input":{}}'), BAD),
  refused("a text that is never closed", jobs('{"type":"ticker'), BAD),
  refused("a line end inside a text", jobs('{"type":"tick\ner","input":{}}'), BAD),
  refused("a NUL inside a text", jobs('{"type":"tick\0er","input":{}}'), BAD),
  refused("a NUL after the end", tick("}\0"), BAD),
  refused("an escape that JSON does not know", jobs('{"type":"\\x74icker","input":{}}'), BAD),
  refused("an escape of three digits", jobs('{"type":"\\u007","input":{}}'), BAD),
  refused("a byte order mark before the JSON", jobs('\ufeff{"type":"ticker","input":{}}'), BAD),
  refused("JSON in UTF-16", jobs(Buffer.from('{"type":"ticker","input":{}}', "utf16le")), BAD),
  refused("JSON in Latin-1", jobs(bytes('{"type":"ticker","queue":"caf\xe9","input":{}}')), BAD),
  refused("a character that is cut in half", jobs(bytes('{"type":"ticker","queue":"\xe2\x82","input":{}}')), BAD),
  refused("an overlong encoding of a slash", jobs(bytes('{"type":"ticker","queue":"\xc0\xaf","input":{}}')), BAD),
  refused(
    "a surrogate that was encoded by itself",
    jobs(bytes('{"type":"ticker","queue":"\xed\xa0\x80","input":{}}')),
    BAD,
  ),
  refused("a code point beyond Unicode", jobs(bytes('{"type":"ticker","queue":"\xf4\x90\x80\x80","input":{}}')), BAD),
  refused("NaN", withInput('{"times":NaN}'), BAD),
  refused("Infinity", withInput('{"times":Infinity}'), BAD),
  refused("undefined", withInput("undefined"), BAD),
  refused("a number in hexadecimal", withInput('{"times":0x10}'), BAD),
  refused("a number with a leading zero", withInput('{"times":01}'), BAD),
  refused("a number with a leading plus", withInput('{"times":+1}'), BAD),
  refused("a fraction without digits", withInput('{"times":1.}'), BAD),
  refused("an empty array for a body", jobs("[]"), BAD),
  refused("a list of jobs where one is meant", jobs('[{"type":"ticker","input":{}}]'), BAD),
  refused("null for a body", jobs("null"), BAD),
  refused("a number for a body", jobs("1"), BAD),
  refused("a text for a body", jobs('"ticker"'), BAD),
  refused("true for a body", jobs("true"), BAD),
  refused("nothing but white space", jobs(" \n\t "), BAD),
  refused("no body at all", jobs(""), BAD),
  refused("an empty object", jobs("{}"), BAD),
  refused("33 levels of arrays in an input", withInput(nested(33)), BAD),
  refused("33 levels of objects in an input", withInput(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`), BAD),
  refused("one level too many, the body counted", withInput(`{"times":1,"x":${nested(31)}}`), BAD),
  refused("100,000 levels of arrays", jobs(nested(100_000)), BAD),
  refused("arrays that are opened and never closed", jobs("[".repeat(500_000)), BAD),
  refused("100,000 levels of objects", jobs(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`), BAD),
  refused("a body that is larger than any may be", jobs(`{"type":"${"x".repeat(1024 * 1024)}"}`), TOO_LARGE),
  refused("an input that is larger than any may be", withInput(`{"text":"${"x".repeat(256 * 1024)}"}`), TOO_LARGE),
  refused("an input that only escapes make as large", withInput(`{"text":"${"\\u0001".repeat(50_000)}"}`), TOO_LARGE),
  refused("a key __proto__ in the input", withInput('{"__proto__":{"times":1}}'), BAD),
  refused("a key __proto__ beside the type", tick(',"__proto__":{"queue":"other"}'), BAD),
  refused("a key __proto__ that is null", tick(',"__proto__":null'), BAD),
  refused("a key __proto__ in escapes", withInput('{"\\u005f\\u005fproto\\u005f\\u005f":1}'), BAD),
  refused("a key __proto__ deep inside", withInput('{"a":[[{"b":{"__proto__":[]}}]]}'), BAD),
  refused("a key __proto__ among the labels", tick(',"labels":{"__proto__":"x"}'), BAD),
  refused("a constructor with a prototype", withInput('{"constructor":{"prototype":{"admin":true}}}'), BAD),
  refused("a constructor beside the type", tick(',"constructor":{"prototype":{}}'), BAD),
  refused("a property that is called prototype", tick(',"prototype":{}'), BAD),
  refused("a property that is called hasOwnProperty", tick(',"hasOwnProperty":1'), BAD),
  refused("a property that is called toString", tick(',"toString":"x"'), BAD),
  refused("a property with an empty name", tick(',"":1'), BAD),
  refused("a property that differs by case", jobs('{"Type":"ticker","input":{}}'), BAD),
  refused("a property with a space behind its name", jobs('{"type ":"ticker","input":{}}'), BAD),
  refused("a type that is spelt with a Cyrillic letter", jobs('{"typ\u0435":"ticker","input":{}}'), BAD),
  refused("a second type that is none", jobs('{"type":"ticker","input":{},"type":7}'), BAD),
  refused("a batch that is an object", post("/api/v1/jobs/batch", { jobs: { 0: { type: "ticker", input: {} } } }), BAD),
  refused("a batch of nothing", post("/api/v1/jobs/batch", { jobs: [] }), BAD),
  refused(
    "a batch of more than a thousand",
    post("/api/v1/jobs/batch", { jobs: Array(1_001).fill({ type: "ticker", input: {} }) }),
    BAD,
  ),
  refused("a batch with null in it", post("/api/v1/jobs/batch", { jobs: [null] }), BAD),
  refused(
    "a batch whose last member is bad",
    post("/api/v1/jobs/batch", {
      jobs: [
        { type: "ticker", input: { times: 1 } },
        { type: "ticker", input: [] },
      ],
    }),
    [400, "invalid_input"],
  ),
  refused(
    "a batch whose members take one key twice",
    post("/api/v1/jobs/batch", {
      jobs: [
        { type: "ticker", queue: "shelf", input: { times: 1 }, key: "same" },
        { type: "ticker", queue: "shelf", input: { times: 1 }, key: "same" },
      ],
    }),
    [409, "key_taken"],
  ),
  refused(
    "a deduplication in a batch",
    post("/api/v1/jobs/batch", { jobs: [{ type: "ticker", input: {}, dedupe: {} }] }),
    BAD,
  ),
  refused("JSON that says that it is text", submit({}, { "content-type": "text/plain" }), WRONG_TYPE),
  refused(
    "JSON that says that it is a form",
    submit({}, { "content-type": "application/x-www-form-urlencoded" }),
    WRONG_TYPE,
  ),
  refused("JSON without a content type", submit({}, { "content-type": null }), WRONG_TYPE),
  refused("JSON with an empty content type", submit({}, { "content-type": "" }), WRONG_TYPE),
  refused(
    "JSON with a content type of another kind of JSON",
    submit({}, { "content-type": "application/json-patch+json" }),
    WRONG_TYPE,
  ),
  refused("JSON that says that it is XML", submit({}, { "content-type": "application/xml" }), WRONG_TYPE),
  taken(
    "a property twice: the last one counts, as for every reader of JSON here",
    jobs('{"type":"data-export","queue":"lost","input":{"times":1},"type":"ticker","queue":"shelf"}'),
    {
      status: 201,
      stored: { jobs: 1 },
      holds({ body }) {
        const { type, queue } = JSON.parse(body);
        assert.deepEqual([type, queue], ["ticker", "shelf"]);
      },
    },
  ),
];
