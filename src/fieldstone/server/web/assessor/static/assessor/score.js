// Keeps a score sheet on the server as it is filled in, and lets keys do the work of the mouse.
(() => {
  "use strict";
  const sheet = document.getElementById("sheet");
  if (!sheet) return;
  const kept = document.getElementById("kept");
  const cards = [...sheet.querySelectorAll("[data-criterion]")];
  const counts = ["count", "count-top"].map((id) => document.getElementById(id)).filter(Boolean);
  let dirty = false, sending = false, timer = 0, leaving = false;

  const keep = async () => {
    if (!dirty || sending) return;
    dirty = false;
    sending = true;
    const body = new FormData(sheet);
    body.set("do", "keep");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.problems ? said.problems.map((p) => p.message).join(" ") : "");
      const chip = document.getElementById("kept-chip").content.cloneNode(true);
      chip.querySelector(".chip span").textContent = said.kept;
      kept.replaceChildren(chip);
      counts.forEach((place) => { place.textContent = said.scored; });
    } catch (error) {
      dirty = true;
      kept.textContent = (error instanceof TypeError || error instanceof SyntaxError) || !error.message ? kept.dataset.failed : error.message;
      clearTimeout(timer);
      timer = setTimeout(keep, 8000);
    }
    sending = false;
    if (dirty) { clearTimeout(timer); timer = setTimeout(keep, 2000); }
  };
  const soon = (wait) => { dirty = true; clearTimeout(timer); timer = setTimeout(keep, wait); };
  sheet.addEventListener("input", (event) => soon(event.target.type === "textarea" ? 1200 : 300));
  sheet.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
  addEventListener("online", keep);
  addEventListener("pagehide", () => { if (dirty && !leaving) { const body = new FormData(sheet); body.set("do", "keep"); navigator.sendBeacon(location.pathname, body); } });
  addEventListener("beforeunload", (event) => { if (dirty && !leaving && !navigator.onLine) event.preventDefault(); });

  // The current criterion: open to phrases and comment.
  sheet.classList.add("live");
  let now = Math.max(0, cards.findIndex((card) => card.classList.contains("now")));
  const show = (index, focus) => {
    const before = now;
    now = Math.min(cards.length - 1, Math.max(0, index));
    const top = cards[now].getBoundingClientRect().top;
    const old = cards[before].querySelector(".words");
    if (old && before !== now) {
      const filled = old.querySelector(":checked") || old.querySelector("textarea").value.trim();
      old.classList.toggle("filled", Boolean(filled));
    }
    cards.forEach((card, i) => card.classList.toggle("now", i === now));
    const words = cards[now].querySelector(".words");
    if (words) words.open = true;
    if (!focus) scrollBy(0, cards[now].getBoundingClientRect().top - top);
    if (focus) {
      (cards[now].querySelector("input:checked") || cards[now].querySelector("input")).focus({ preventScroll: true });
      cards[now].scrollIntoView({ block: "nearest" });
    }
  };
  cards.forEach((card, i) => card.addEventListener("focusin", () => show(i, false)));
  sheet.addEventListener("change", (event) => {
    const level = event.target.closest(".level.no, .level.ask");
    const words = level && level.closest("[data-criterion]").querySelector(".words");
    if (words) words.open = true;
  });

  const choose = (kind) => {
    const box = cards[now].querySelector(".level." + kind + " input");
    if (!box) return;
    box.checked = true;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
    box.focus({ preventScroll: true });
  };
  const keys = {
    j: () => show(now + 1, true), k: () => show(now - 1, true),
    d: () => choose("yes"), n: () => choose("no"), u: () => choose("ask"),
    "?": () => { const means = cards[now].querySelector(".meanings"); means.open = !means.open; },
  };
  if (sheet.dataset.keys === "1" && cards.length) {
    document.addEventListener("keydown", (event) => {
      const place = event.target;
      if (event.ctrlKey || event.metaKey || event.altKey || place.isContentEditable) return;
      if (place.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
      const act = keys[event.key.toLowerCase()];
      if (act) { event.preventDefault(); act(); return; }
      if (/^[1-9]$/.test(event.key)) {
        const box = cards[now].querySelectorAll(".phrase input")[Number(event.key) - 1];
        if (!box) return;
        event.preventDefault();
        const more = box.closest(".more");
        if (more) more.open = true;
        box.click();
      }
    });
  }
  ["keys", "keys-off"].forEach((id) => { const line = document.getElementById(id); if (line) line.hidden = false; });

  // Photos of one part: one large, the others small under it; turn the large one.
  const words = document.getElementById("shot-words");
  for (const group of document.querySelectorAll(".shots")) {
    const shots = [...group.querySelectorAll(".shot")];
    const strip = document.createElement("ul");
    strip.className = "thumbs";
    const look = (i) => {
      shots.forEach((shot, n) => { shot.hidden = n !== i; });
      [...strip.querySelectorAll("button")].forEach((small, n) => {
        if (n === i) small.setAttribute("aria-current", "true"); else small.removeAttribute("aria-current");
      });
    };
    shots.forEach((shot, i) => {
      let turn = 0;
      const button = (label, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "link";
        made.textContent = label;
        made.addEventListener("click", act);
        shot.querySelector("p").append(" ", made);
      };
      button(words.dataset.turn, () => { turn = (turn + 1) % 4; shot.className = "shot turn" + turn; });
      if (shots.length < 2) return;
      button(words.dataset.next, () => look((i + 1) % shots.length));
      const small = document.createElement("button");
      small.type = "button";
      small.append(shot.querySelector("img").cloneNode());
      small.addEventListener("click", () => look(i));
      const item = document.createElement("li");
      item.append(small);
      strip.append(item);
    });
    if (shots.length > 1) { shots.at(-1).after(strip); look(0); }
  }
})();
