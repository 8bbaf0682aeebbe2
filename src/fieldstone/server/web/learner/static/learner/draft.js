// Drafts save themselves; photos go one by one. Everything here is an extra: the form works without it.
// What is typed lies in this browser, tagged with its owner, until the server answers for exactly those words.
(() => {
  "use strict";
  const PREFIX = "fieldstone:draft:";
  const form = document.getElementById("evidence");
  const uid = () => Date.now().toString(36) + "-" + Array.from(crypto.getRandomValues(new Uint32Array(3)), n => n.toString(36)).join("");
  const stored = () => { try { return Object.keys(localStorage).filter(k => k.startsWith(PREFIX)); } catch (e) { return []; } };

  const outbox = document.getElementById("outbox");
  if (outbox) {
    const mine = stored().filter(k => k.startsWith(PREFIX + outbox.dataset.person + ":"));
    if (mine.length) {
      outbox.querySelector("a").href = "/path/" + mine[0].split(":")[3] + "/";
      outbox.hidden = false;
    }
  }
  if (!form) return;

  const words = form.dataset, person = words.person;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
  const plain = text => text.replace(/\r\n?/g, "\n");
  const headers = { "X-CSRFToken": token, "X-Person": person, Accept: "application/json" };

  // --- the save bar: one of its chips is shown ---------------------------------------------------------
  const say = (state, detail) => {
    for (const chip of document.querySelectorAll("#save-state [data-state]")) {
      chip.hidden = chip.dataset.state !== state;
      const time = chip.querySelector(".chip > span");
      if (!chip.hidden && chip.dataset.words) time.textContent = chip.dataset.words.replace("%s", clock());
    }
    if (detail !== undefined) document.getElementById("save-detail").textContent = detail;
  };
  const note = (kind, text, href) => {
    const box = document.getElementById("draft-note"), p = document.createElement("p"), a = document.createElement(href ? "a" : "span");
    box.className = "note " + kind; box.hidden = false; box.setAttribute("role", "status");
    if (href) a.href = href;
    a.textContent = text; p.append(a); box.replaceChildren(p);
  };

  // --- words -------------------------------------------------------------------------------------------
  const slot = part => PREFIX + person + ":" + words.enrollment + ":" + part;
  const field = (kind, part) => form.elements[kind + "_" + part];
  const keep = (part, entry) => { try { localStorage.setItem(slot(part), JSON.stringify(entry)); } catch (e) { say("sending"); } };
  const kept = part => { try { return JSON.parse(localStorage.getItem(slot(part))); } catch (e) { return null; } };
  const drop = (part, key) => { const entry = kept(part); if (entry && entry.key === key) localStorage.removeItem(slot(part)); };
  const flying = {}, timers = {};
  let wait = 4000, leaving = false;

  const post = async entry => {
    const answers = { [entry.part]: { text: entry.text, base: entry.base, copy: entry.copy || null } };
    const reply = await fetch(words.draft, {
      method: "POST", keepalive: entry.text.length < 20000, redirect: "error", signal: AbortSignal.timeout(20000),
      headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify({ key: entry.key, answers }),
    });
    const body = await reply.json().catch(() => null);
    return { status: reply.status, saved: body && body.saved && body.saved[entry.part], body };
  };

  const send = part => {
    const entry = kept(part);
    if (!entry || flying[part] || leaving) return;
    flying[part] = deliver(part, entry).then(again => {
      delete flying[part];
      if (again && !leaving) later(part, again);
    });
  };
  const deliver = async (part, entry) => {
    say("sending");
    let again = 0;
    try {
      const { status, saved, body } = await post(entry);
      if (saved) {
        field("base", part).value = saved.revision;
        field("copy", part).value = saved.copy || "";
        if (!saved.copy) field("mark", part).value = saved.mark;
        const newer = kept(part);
        if (newer && newer.key !== entry.key) { keep(part, { ...newer, base: saved.revision, copy: saved.copy }); again = 1; }
        drop(part, entry.key);
        wait = 4000;
        if (saved.copy) note("needs", words.both, saved.url);
        if (!again) say("received", words.safe);
      } else if (status === 401 || status === 403) {
        say("phone", "");
        if (body && body.problem === "somebody_else") note("know", words.other);
        else note("know", words.again, "/sign-in/?next=" + encodeURIComponent(location.pathname));
      } else if (status >= 400 && status < 500 && body && body.problems) {
        say("phone", body.problems[0].message);
      } else { throw new Error("no answer"); }
    } catch (e) {
      say("phone", words.wait);
      again = wait; wait = Math.min(wait * 2, 60000);
    }
    return again;
  };
  const later = (part, ms) => { clearTimeout(timers[part]); timers[part] = setTimeout(send, ms, part); };

  const areas = [...form.querySelectorAll("textarea[name^=text_]")];
  const typed = area => {
    const part = area.name.slice(5), n = area.value.split(/\s+/).filter(Boolean).length;
    keep(part, { part, text: plain(area.value), base: +field("base", part).value, copy: field("copy", part).value, key: uid() });
    const count = document.getElementById(area.id + "-count");
    if (count) {
      count.textContent = count.textContent.replace(/^\s*\d+/, n);
      const enough = count.parentElement.querySelector(".chip");
      if (enough) enough.hidden = n < +(area.dataset.minWords || 0) || n > +area.dataset.maxWords;
    }
    later(part, 1500);
  };
  for (const area of areas) {
    const part = area.name.slice(5), entry = kept(part);
    area.addEventListener("input", () => typed(area));
    area.addEventListener("blur", () => later(part, 0));
    if (!entry) continue;
    if (entry.text === plain(area.value)) { drop(part, entry.key); continue; }
    if (entry.base === +field("base", part).value && !entry.copy) {
      area.value = entry.text;
      area.closest("details")?.setAttribute("open", "");
      note("know", words.back);
    }
    send(part);
  }
  form.addEventListener("submit", event => { // let what is on its way arrive first, so that it is no rival
    const waiting = Object.values(flying), button = event.submitter;
    leaving = true;
    if (!waiting.length) return;
    event.preventDefault();
    Promise.all(waiting).then(() => form.requestSubmit(button));
  });
  addEventListener("pageshow", () => { leaving = false; });
  const all = () => areas.forEach(area => send(area.name.slice(5)));
  addEventListener("online", all);
  document.addEventListener("visibilitychange", all);
  addEventListener("pagehide", all);

  // --- photos and files --------------------------------------------------------------------------------
  let going = 0;
  addEventListener("beforeunload", event => { if (going) event.preventDefault(); });

  const smaller = async file => {
    if (!/^image\/(jpeg|heic|heif|webp)$/.test(file.type) || (file.size < 600000 && !/hei[cf]$/.test(file.type))) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height)), canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale); canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.8));
      return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
    } catch (e) { return file; }
  };

  const upload = (section, row, file, key, pause) => {
    const chips = row.querySelectorAll("[data-state]"), bar = row.querySelector("progress"), detail = row.querySelector(".detail");
    const show = (state, text) => { for (const chip of chips) chip.hidden = chip.dataset.state !== state; bar.hidden = state !== "sending"; detail.textContent = text; };
    const data = new FormData(), request = new XMLHttpRequest();
    data.append("key", key); data.append("file", file, file.name); data.append("end", "1");
    const total = Math.round(file.size / 1000);
    const retry = () => {
      show("phone", words.wait);
      const go = () => { removeEventListener("online", go); clearTimeout(timer); upload(section, row, file, key, Math.min(pause * 2, 60000)); };
      const timer = setTimeout(go, pause);
      addEventListener("online", go);
    };
    request.open("POST", section.dataset.url);
    for (const name in headers) request.setRequestHeader(name, headers[name]);
    request.upload.onprogress = event => {
      bar.value = 100 * event.loaded / event.total;
      detail.textContent = Math.min(total, Math.round(event.loaded / 1000)) + " / " + total + " KB";
    };
    request.onerror = request.ontimeout = retry;
    request.onload = () => {
      let body = null;
      try { body = JSON.parse(request.responseText); } catch (e) { /* a portal's page is no receipt */ }
      if (request.status === 200 && body && body.card) {
        const holder = document.createElement("template");
        holder.innerHTML = body.card;
        row.replaceWith(holder.content.querySelector("li"));
        going -= 1;
      } else if (body && body.problems) {
        show("lacking", body.problems[0].message);
        going -= 1;
      } else if (request.status === 401 || request.status === 403) {
        show("phone", words.again);
        going -= 1;
      } else { retry(); }
    };
    show("sending", "");
    request.send(data);
  };

  for (const section of form.querySelectorAll("section.files")) {
    const input = section.querySelector("input[type=file]"), button = section.querySelector(".plain");
    if (!input) continue;
    section.classList.add("scripted");
    if (!section.querySelector("[name^=link_]")) button.hidden = true;
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      for (const file of files) {
        const row = document.getElementById("photo-going").content.querySelector("li").cloneNode(true);
        row.querySelector("h3").textContent = file.name;
        section.querySelector(".photos").append(row);
        going += 1;
        upload(section, row, await smaller(file), uid(), 4000);
      }
    });
  }
})();
