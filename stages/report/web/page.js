"use strict";
// What the page does: themes, figures, and the episodes. Texts of models are hostile: they
// only ever become text nodes, and characters that nobody sees are named.
const byId = (id) => document.getElementById(id);

function make(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

// --- themes and figures ---
const specs = JSON.parse(byId("specs").textContent);
const dark = { background: "transparent", title: { color: "#e4e7ec" }, style: { "guide-label": { fill: "#c9ced6" }, "guide-title": { fill: "#c9ced6" }, "group-title": { fill: "#e4e7ec" } }, axis: { domainColor: "#667", gridColor: "#313844", tickColor: "#667" }, view: { stroke: "#313844" }, header: { labelColor: "#e4e7ec" }, legend: { labelColor: "#c9ced6", titleColor: "#c9ced6" }, rule: { color: "#c9ced6" } };
const light = { background: "transparent" };

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "light" : "dark";
  for (const node of document.querySelectorAll(".chart")) drawSoon.observe(node), node.dataset.drawn = "";
  for (const node of document.querySelectorAll(".chart")) if (node.dataset.seen) draw(node);
}

async function draw(node) {
  const theme = document.documentElement.dataset.theme;
  if (node.dataset.drawn === theme) return;
  node.dataset.drawn = theme;
  const config = theme === "dark" ? dark : light;
  await vegaEmbed(node, specs[node.dataset.figure], { actions: false, renderer: "svg", config });
}

const drawSoon = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) entry.target.dataset.seen = "yes", draw(entry.target);
}, { rootMargin: "600px" });

byId("theme").addEventListener("click", () => showTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
showTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

// --- episodes ---
const SHOWN = 100;
const FILTERS = ["who", "lineup", "game", "variant", "seat", "outcome", "reason"];
const form = byId("filters"), body = document.querySelector("#list tbody"), article = byId("episode");
let episodes = [], found = [], limit = SHOWN, current = null;

async function unpack() {
  const raw = Uint8Array.from(atob(byId("packed").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { names, texts, episodes: rows } = JSON.parse(await new Response(stream).text());
  return rows.map(([who, lineup, game, variant, instance, sample, outcome, reason, end, score, players, turns], number) => {
    const filled = Object.keys(players).filter((role) => names[players[role]] === names[who]);
    const one = {
      number, who: names[who], lineup: names[lineup], game: names[game], variant: names[variant], instance, sample,
      outcome: names[outcome], reason: names[reason], end: names[end], score,
      players: Object.entries(players).map(([role, name]) => `${role}: ${names[name]}`).join(", "),
      seat: filled.length === Object.keys(players).length ? "all" : filled.join("+"),
      turns: turns.map(([role, kind, seen, said]) => ({ role: names[role], kind: names[kind], seen: texts[seen], said: texts[said] })),
    };
    one.address = [one.who, one.lineup, one.game, one.instance, one.seat, one.sample].join("|");
    return one;
  });
}

function fill(select, values, any) {
  const kept = select.value;
  select.replaceChildren(...(any ? [new Option(any, "")] : []), ...values.map((v) => new Option(v, v)));
  if (values.includes(kept)) select.value = kept;
}

function choose() {
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, form.elements[name].value]));
  const text = form.elements.text.value.toLowerCase();
  const fits = (one, name) => !wanted[name] || one[name] === wanted[name];
  for (const name of FILTERS) {
    const rest = episodes.filter((one) => FILTERS.every((other) => other === name || fits(one, other)));
    fill(form.elements[name], [...new Set(rest.map((one) => one[name]))], "any");
  }
  found = episodes.filter((one) => FILTERS.every((name) => fits(one, name)) && (!text || one.turns.some((turn) => turn.said.toLowerCase().includes(text))));
  limit = SHOWN;
  list();
}

function list() {
  byId("count").textContent = `${found.length} episodes`;
  body.replaceChildren(...found.slice(0, limit).map((one) => {
    const open = make("button", "", one.instance);
    open.type = "button";
    const last = one.turns.length ? one.turns[one.turns.length - 1].said : "";
    const cells = [one.who, one.lineup, one.game, open, one.seat, make("span", one.outcome, one.outcome), `${one.reason} (${one.end})`, one.score === null ? "\u2013" : String(one.score), reveal(last.slice(0, 120))];
    const row = make("tr", "", ...cells.map((cell) => make("td", "", cell)));
    row.addEventListener("click", () => show(one));
    row.addEventListener("keydown", (event) => {
      const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
      if (next) next.querySelector("button").focus(), event.preventDefault();
    });
    row.dataset.number = one.number;
    return row;
  }));
  byId("more").hidden = found.length <= limit;
}

// Characters that are not seen, or change the direction of what is: shown by their number.
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;
function reveal(text) {
  const pieces = document.createDocumentFragment();
  let plain = "";
  for (const letter of text) {
    if (!ODD.test(letter)) { plain += letter; continue; }
    pieces.append(plain, make("span", "odd", `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`));
    plain = "";
  }
  pieces.append(plain);
  return pieces;
}

function tell(one, parts) {
  const end = `${one.outcome}: ${one.reason} (${one.end}), score ${one.score === null ? "none" : one.score}`;
  return make("div", "side",
    make("div", "who", `${one.who} \u00b7 ${one.players}`),
    ...one.turns.map((turn, place) => make("div", place === parts ? "turn parts" : "turn",
      make("div", "who", `${place + 1}. ${turn.role}${turn.kind === "said" ? "" : ` (${turn.kind})`}`),
      make("div", "text seen", reveal(turn.seen)),
      make("div", "text said", reveal(turn.said)))),
    make("p", "note", "referee: ", make("strong", one.outcome, end)));
}

function findPart(one, other) {
  const place = one.turns.findIndex((turn, n) => !other.turns[n] || other.turns[n].said !== turn.said || other.turns[n].role !== turn.role);
  return place < 0 ? (other.turns.length > one.turns.length ? one.turns.length : -1) : place;
}

function show(one, beside = "", quiet = false) {
  current = one;
  const alike = episodes.filter((e) => e !== one && e.game === one.game && e.instance === one.instance && e.seat === one.seat && e.sample === one.sample && e.lineup === one.lineup);
  fill(byId("other"), alike.map((e) => e.who), "nobody");
  byId("other").value = beside;
  const other = alike.find((e) => e.who === beside);
  const parts = other ? findPart(one, other) : -1;
  article.querySelector("h3").textContent = `${one.game}, ${one.variant}, ${one.instance}, seat ${one.seat}, lineup ${one.lineup}, sample ${one.sample}`;
  article.querySelector(".sides").replaceChildren(tell(one, parts), ...(other ? [tell(other, parts)] : []));
  article.hidden = false;
  for (const row of body.rows) row.ariaSelected = String(row.dataset.number === String(one.number));
  history.replaceState(null, "", `#episode=${encodeURIComponent([one.address, beside].join("||"))}`);
  if (!quiet) article.scrollIntoView({ block: "nearest" }), article.focus({ preventScroll: true });
}

function close() {
  article.hidden = true;
  history.replaceState(null, "", "#dialogues");
  body.querySelector(`[data-number="${current.number}"] button`)?.focus();
}

function openAddress() {
  if (!location.hash.startsWith("#episode=")) return;
  const [address, beside] = decodeURIComponent(location.hash.slice("#episode=".length)).split("||");
  const one = episodes.find((e) => e.address === address);
  if (one) show(one, beside || ""), article.scrollIntoView();
}

form.addEventListener("input", choose);
form.addEventListener("submit", (event) => event.preventDefault());
byId("more").addEventListener("click", () => { limit += SHOWN; list(); });
byId("other").addEventListener("change", (event) => show(current, event.target.value, true));
byId("close").addEventListener("click", close);
addEventListener("keydown", (event) => { if (event.key === "Escape" && !article.hidden) close(); });
addEventListener("hashchange", openAddress);
unpack().then((all) => { episodes = all; choose(); openAddress(); }, (error) => {
  byId("count").textContent = `The episodes cannot be unpacked: ${error.message}`;
});
