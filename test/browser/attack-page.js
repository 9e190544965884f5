// What a page can send without its visitor's help, one function a way: each aims one request at a URL. Whether it arrives
// and what becomes of it, the test sees at the server. Runs in the browser, on the attacker's pages.

const BODY = '{"reason":"attack"}';

function append(name, attributes) {
  const element = Object.assign(document.createElement(name), attributes);
  document.body.append(element);
  return element;
}

/** Runs a document of this site's own, with the rights of this page, in a frame. */
const inFrame = (html) => append("iframe", { srcdoc: html });

function link(rel, url, more = {}) {
  const element = Object.assign(document.createElement("link"), { rel, href: url, ...more });
  document.head.append(element);
  return element;
}

function speculate(kind, url) {
  const rules = { [kind]: [{ source: "list", urls: [url], eagerness: "immediate" }] };
  append("script", { type: "speculationrules", textContent: JSON.stringify(rules) });
}

/**
 * A form that sends itself, into a frame of its own unless `target` says otherwise. By GET its fields are the URL's query; as
 * `text/plain`, its one field spells JSON.
 */
function submitForm(url, { method = "post", enctype = "application/x-www-form-urlencoded", target }) {
  const { name } = target ? { name: target } : append("iframe", { name: `frame ${document.forms.length}` });
  const form = append("form", { action: url, method, enctype, target: name });
  const body = enctype === "text/plain" ? { '{"reason":"attack","requestId":"': '"}' } : { reason: "attack" };
  const fields = method === "get" ? Object.fromEntries(new URL(url).searchParams) : body;
  for (const [field, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: field, value }));
  }
  form.submit();
}

/** Nothing of an answer can be read, so that a failure is no news. */
const send = (url, options) => void fetch(url, options).catch(() => {});

const json = { "content-type": "application/json" };
const jsonBlob = () => new Blob([BODY], { type: "application/json" });

function multipart() {
  const form = new FormData();
  form.set("job", BODY);
  form.set("file", new Blob(["id,name\n1,Ada\n"], { type: "text/csv" }), "people.csv");
  return form;
}

function ask(method, url, body) {
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.withCredentials = true;
  request.send(body);
  return request;
}

async function fromServiceWorker(url, options) {
  await navigator.serviceWorker.register("/service-worker.js");
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ url, options });
}
globalThis.attacks = {
  GET: {
    image: (url) => append("img", { src: url }),
    script: (url) => append("script", { src: url }),
    module: (url) => append("script", { src: url, type: "module" }),
    stylesheet: (url) => link("stylesheet", url),
    font: (url) => void new FontFace("stolen", `url(${url})`).load().catch(() => {}),
    background: (url) => append("div", { style: `width:9px;height:9px;background:url(${url})` }),
    video: (url) => append("video", { src: url, preload: "auto" }),
    object: (url) => append("object", { data: url }),
    embed: (url) => append("embed", { src: url }),
    frame: (url) => append("iframe", { src: url }),
    sandboxedFrame: (url) => append("iframe", { sandbox: "allow-scripts allow-forms", src: url }),
    anonymousFrame: (url) => append("iframe", { credentialless: true, src: url }),
    prefetch: (url) => link("prefetch", url),
    preload: (url) => link("preload", url, { as: "fetch", crossOrigin: "use-credentials" }),
    prerender: (url) => speculate("prerender", url),
    speculativePrefetch: (url) => speculate("prefetch", url),
    navigation: (url) => location.assign(url),
    newWindow: (url) => void window.open(url),
    windowWithoutReferrer: (url) => void window.open(url, "_blank", "noopener,noreferrer"),
    refresh: (url) => inFrame(`<meta http-equiv="refresh" content="0;url=${url}">`),
    getForm: (url) => submitForm(url, { method: "get" }),
    getFetch: (url) => send(url, { credentials: "include" }),
    getFetchNoCors: (url) => send(url, { mode: "no-cors", credentials: "include" }),
    getRequest: (url) => ask("GET", url),
    eventSource: (url) => void new EventSource(url, { withCredentials: true }),
    webSocket: (url) => void new WebSocket(url.replace("http:", "ws:")),
    redirect: (url) => append("img", { src: `/redirect?to=${encodeURIComponent(url)}` }),
    redirectedWindow: (url) => void window.open(`/redirect?to=${encodeURIComponent(url)}`),
    getServiceWorker: (url) => fromServiceWorker(url, { mode: "no-cors", credentials: "include" }),
    disguisedFetch: (url) =>
      send(url, { mode: "no-cors", referrerPolicy: "no-referrer", headers: { accept: "*/*", "accept-language": "*" } }),
  },
  POST: {
    form: (url) => submitForm(url, { target: "_blank" }),
    plainForm: (url) => submitForm(url, { enctype: "text/plain" }),
    multipartForm: (url) => submitForm(url, { enctype: "multipart/form-data" }),
    framedForm: (url) => submitForm(url, {}),
    sandboxedForm: (url) =>
      append("iframe", {
        sandbox: "allow-scripts allow-forms",
        srcdoc: `<form method="post" action="${url}"></form><script>document.forms[0].submit()</script>`,
      }),
    redirectedForm: (url) => submitForm(`/redirect?to=${encodeURIComponent(url)}`, {}),
    emptyFetch: (url) => send(url, { method: "POST", mode: "no-cors", credentials: "include" }),
    plainFetch: (url) => send(url, { method: "POST", mode: "no-cors", credentials: "include", body: BODY }),
    urlencodedFetch: (url) =>
      send(url, { method: "POST", credentials: "include", body: new URLSearchParams({ reason: "attack" }) }),
    multipartFetch: (url) => send(url, { method: "POST", mode: "no-cors", credentials: "include", body: multipart() }),
    keepaliveFetch: (url) => send(url, { method: "POST", mode: "no-cors", credentials: "include", keepalive: true }),
    request: (url) => ask("POST", url, BODY),
    beacon: (url) => void navigator.sendBeacon(url, BODY),
    serviceWorker: (url) => fromServiceWorker(url, { method: "POST", mode: "no-cors", credentials: "include" }),
    ping: (url) => append("a", { href: "#", ping: url }).click(),
  },
  /** What no page may just send to another origin: the browser asks there first. */
  ASKED: {
    jsonFetch: (url) => send(url, { method: "POST", credentials: "include", headers: json, body: BODY }),
    jsonBeacon: (url) => void navigator.sendBeacon(url, jsonBlob()),
    tokenFetch: (url) => send(url, { method: "POST", headers: { authorization: "Bearer pawl_0_0" } }),
    deletion: (url) => send(url, { method: "DELETE", credentials: "include" }),
  },
};

const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

const loaded = (element) =>
  new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error("not loaded")));
  });

/** Ways to read what stands at `url`. Each answers a text, or rejects. */
globalThis.readings = {
  fetch: async (url) => (await fetch(url, { credentials: "include" })).text(),
  opaqueFetch: async (url) => {
    const { type, status } = await fetch(url, { mode: "no-cors", credentials: "include" });
    return `${type} ${status}`;
  },
  request: async (url) => {
    const request = ask("GET", url);
    await loaded(request);
    return request.responseText;
  },
  frame: async (url) => {
    const frame = append("iframe", { src: url });
    // A frame that was refused does not always say that it has loaded, but soon nobody may look into it.
    const isThere = ({ URL, readyState }) => URL !== "about:blank" && readyState === "complete";
    while (frame.contentDocument && !isThere(frame.contentDocument)) await moment();
    return frame.contentDocument.body.textContent;
  },
  script: async (url) => {
    await loaded(append("script", { src: url }));
    return "loaded";
  },
  stylesheet: async (url) => {
    const sheet = link("stylesheet", url);
    await loaded(sheet);
    return String(sheet.sheet.cssRules.length);
  },
  window: async (url) => {
    const opened = window.open(url);
    const isThere = () => opened.location.href !== "about:blank" && opened.document.readyState === "complete";
    // A page may cut itself off from who opened it; to them it is closed.
    while (!opened.closed && !isThere()) await moment();
    return opened.document.body.textContent;
  },
};
