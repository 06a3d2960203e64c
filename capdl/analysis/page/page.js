/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The page's script: it shows, hides and answers from the data in the page
 */
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const components = data.components, nodes = data.nodes, count = components.length;
const CLASSES = { memory: "#a07800", device: "#c2570c", signal: "#2563b0", message: "#2563b0", control: "#b91c1c",
  trusted: "#6b7280" };
const FLOWS = ["none", "timing only", "through a server", "direct"];
const PHASES = ["holds", "can take", "could be given"];
const TIME = data.steps.length - 1;
const LIMITS = { paths: 60, hops: 6, steps: 300000 };
const byId = id => document.getElementById(id);
const el = (tag, options, ...inside) => {
  const made = Object.assign(document.createElement(tag), options || {});
  made.append(...inside.flat().filter(x => x !== null && x !== undefined));
  return made;
};
let chosen = [], shown = null, focus = false, grouped = false;

/* ---- the two pictures ---- */

const views = ["whole", "grouped"].map(id => {
  const svg = byId(id).querySelector("svg");
  if (!svg) return null;
  ["width", "height"].forEach(name => svg.removeAttribute(name));
  svg.querySelectorAll("title").forEach(x => x.remove());
  svg.querySelectorAll("a").forEach(x => x.removeAttribute("xlink:href"));
  const box = svg.viewBox.baseVal;
  const view = { id, svg, box, home: [box.x, box.y, box.width, box.height], byElement: new Map() };
  svg.querySelectorAll("g.node, g.edge").forEach(g => view.byElement.set(g.id, g));
  return view;
});
const view = () => views[grouped && views[1] ? 1 : 0];
const setBox = (v, box) => { [v.box.x, v.box.y, v.box.width, v.box.height] = box; };
const fit = () => setBox(view(), view().home);
const scale = v => { const r = v.svg.getBoundingClientRect(); return Math.max(v.box.width / r.width, v.box.height / r.height); };

function zoom(factor, x, y) {
  const v = view(), r = v.svg.getBoundingClientRect(), s = scale(v);
  const px = x === undefined ? r.width / 2 : x - r.left, py = y === undefined ? r.height / 2 : y - r.top;
  const cx = v.box.x + v.box.width / 2 + (px - r.width / 2) * s, cy = v.box.y + v.box.height / 2 + (py - r.height / 2) * s;
  setBox(v, [cx + (v.box.x - cx) * factor, cy + (v.box.y - cy) * factor, v.box.width * factor, v.box.height * factor]);
}

function move(dx, dy) {
  const v = view(), s = scale(v);
  v.box.x += dx * s;
  v.box.y += dy * s;
}

/* Brings an element to the middle, near enough to be read. */
function goTo(id) {
  const v = view(), g = v.byElement.get(id);
  if (!g || !g.getBBox) return;
  const r = g.getBoundingClientRect(), w = v.svg.getBoundingClientRect();
  if (!w.width) return;
  const near = r.left > w.left && r.right < w.right && r.top > w.top && r.bottom < w.bottom;
  if (near && !data.large) return;
  move(r.x + r.width / 2 - w.x - w.width / 2, r.y + r.height / 2 - w.y - w.height / 2);
  const wanted = 900 / Math.max(v.box.width, v.box.height * w.width / w.height);
  if (wanted < 1) zoom(wanted);
}

const boxOf = i => grouped && data.groups[components[i].group].count > 1 ? "g" + components[i].group : "s" + i;

function describe(g) {
  const number = +g.id.slice(1);
  switch (g.id[0]) {
  case "s": return components[number].name + (components[number].guest ? ", virtual machine" : ", component");
  case "g": return "group " + data.groups[number].name + ", " + data.groups[number].count + " components";
  case "n": return nodes[number].words;
  case "e": return edgeName(data.edges[number]);
  default: return data.merged[number].length + " connections";
  }
}

/* ---- words ---- */

const link = (text, action, title) => el("button", { className: "link", textContent: text, onclick: action, title: title || "" });
const name = i => link(components[i].name, e => choose(i, e.shiftKey));
const end = edge => edge.toNode ? nodes[edge.to].name : components[edge.to].name;

function edgeName(edge) {
  const verb = { memory: edge.writes ? edge.reads ? "shares" : "writes" : "reads", device: "uses", signal: "signals",
    message: "calls", control: "controls" }[edge.class];
  const from = components[edge.from].name;
  if (edge.class === "signal" && edge.reads) return from + " and " + end(edge) + " signal each other";
  return from + " " + verb + (edge.class === "memory" && !edge.toNode ? " memory with " : " ") + end(edge);
}

/* The line of the description, with its text. */
function place(number) {
  const [where, text] = data.places[number];
  if (!where) return null;
  return text ? el("div", {}, el("span", { className: "place", textContent: where }),
    el("code", { className: "source", textContent: text })) : el("span", { className: "place", textContent: where });
}

function placeShort(number) {
  const [where, text] = data.places[number];
  return el("span", { className: "place", textContent: where ? " (" + where + ")" : "", title: text });
}

function reasons(number) {
  return number ? el("pre", { className: "place", textContent: data.reasons[number].trimEnd() }) : null;
}

function show(heading, ...inside) {
  byId("side").replaceChildren(el("h2", {}, ...[heading].flat()), ...inside.flat().filter(x => x));
  byId("side").scrollTop = 0;
  /* What was chosen is told to who cannot see it; the rest is theirs to read. */
  byId("status").textContent = byId("side").firstChild.textContent;
}

/* ---- what is shown of a selection ---- */

function verdict() {
  const text = data.policies, kept = / hold/.test(text), none = /^no policy/.test(text);
  return el("span", { className: "badge " + (none ? "" : kept ? "good" : "bad"),
    textContent: none ? "no policies" : kept ? "policies hold" : "policies broken" });
}

function overview() {
  shown = null;
  const guests = components.filter(c => c.guest).length, devices = data.edges.filter(e => e.class === "device");
  show([data.title, verdict(), el("span", { className: "badge " + (data.findings ? "bad" : "good"),
    textContent: data.findings + (data.findings === 1 ? " finding" : " findings") })],
    el("p", { textContent: `${count - guests} components, ${guests} virtual machines, ` +
      `${new Set(devices.map(e => e.to)).size} devices, ${data.edges.length} connections.` }),
    el("p", { className: "place", textContent: "Choose a component to see all it can do and why; with Shift a second " +
      "one for every path between them; a connection for the line that makes it." }),
    el("h3", { textContent: "Policies" }), el("pre", { textContent: data.policies }),
    el("h3", { textContent: "Findings" }), el("pre", { textContent: data.lints || "none" }),
    el("h3", { textContent: "Time and memory" }), el("pre", { textContent: data.budgets }));
}

function influences(i) {
  return [3, 2, 1].map(k => {
    const list = components.map((_, j) => j).filter(j => j !== i && +components[i].reach[j] === k);
    if (!list.length) return null;
    const names = list.flatMap((j, at) => [at ? ", " : "", link(components[j].name, () => { chosen = [i]; choose(j, true); })]);
    return el("details", { open: list.length <= 12 }, el("summary", { textContent: `${FLOWS[k]}: ${list.length}` }), ...names);
  });
}

function powers(i) {
  const rows = new Map();
  for (const [power, node, phase, where, reason] of components[i].facts) {
    const key = phase + "/" + node;
    if (!rows.has(key)) rows.set(key, { node, phase, words: [], where, reason });
    rows.get(key).words.push(data.powers[nodes[node].kind][power]);
  }
  return [0, 1, 2].map(phase => {
    const list = [...rows.values()].filter(row => row.phase === phase);
    if (!list.length) return null;
    const items = list.map(row => el("li", {}, row.words.join(", ") + ": " + nodes[row.node].words,
      place(row.where), reasons(row.reason)));
    return el("details", { open: phase === 0 }, el("summary", { className: "phase" + phase,
      textContent: `${PHASES[phase]}: ${list.length}` }), el("ul", {}, ...items));
  });
}

function connections(i) {
  const list = data.edges.map((edge, k) => [edge, k]).filter(([edge]) => edge.from === i || !edge.toNode && edge.to === i);
  if (!list.length) return null;
  return el("details", { open: list.length <= 12 }, el("summary", { textContent: list.length + " connections" }),
    el("ul", {}, ...list.map(([edge, k]) => el("li", {}, link(edgeName(edge), () => chooseEdge(k)), placeShort(edge.places[0])))));
}

function showComponent(i) {
  const c = components[i];
  show([c.name, c.guest ? el("span", { className: "badge", textContent: "virtual machine" }) : null,
    c.trusted ? el("span", { className: "badge", textContent: "trusted to pass nothing on" }) : null],
    place(c.place),
    el("h3", { textContent: "All it can do, and why" }), powers(i),
    el("h3", { textContent: "Whom it can influence" }), influences(i),
    el("h3", { textContent: "In the picture" }), connections(i),
    el("p", { className: "place", textContent: "Shift and click (or Shift+Enter) another component for the paths between them." }));
}

function showEdge(k) {
  const edge = data.edges[k];
  show(edgeName(edge), el("p", {}, el("span", { className: "badge", textContent: edge.class }), " ",
    nodes[edge.node] ? nodes[edge.node].words : ""),
    el("h3", { textContent: "Made by" }), edge.places.map(place),
    el("h3", { textContent: "Between" }), el("p", {}, name(edge.from), " and ", edge.toNode
      ? link(nodes[edge.to].name, () => chooseNode(edge.to)) : name(edge.to)));
}

function showNode(n) {
  const users = components.flatMap((c, i) => c.facts.filter(f => f[1] === n).map(f => [i, f]));
  show(nodes[n].words, place(nodes[n].place),
    nodes[n].bytes ? el("p", { textContent: nodes[n].bytes / 1024 + " KiB" }) : null,
    el("h3", { textContent: "Who can do what with it" }),
    [0, 1, 2].map(phase => {
      const list = users.filter(([, f]) => f[2] === phase);
      return list.length ? el("details", { open: phase === 0 }, el("summary", { className: "phase" + phase,
        textContent: PHASES[phase] + ": " + list.length }), el("ul", {}, ...list.map(([i, f]) =>
        el("li", {}, name(i), " " + data.powers[nodes[n].kind][f[0]], place(f[3]), reasons(f[4]))))) : null;
    }));
}

function showGroup(g) {
  const inside = components.map((_, i) => i).filter(i => components[i].group === g);
  show("group " + data.groups[g].name, el("p", {}, link("show it in the whole picture", () => {
    setGrouped(false); goTo("s" + inside[0]); chosen = inside; mark(); })),
    el("ul", {}, ...inside.map(i => el("li", {}, name(i)))));
}

function showMerged(m) {
  show(data.merged[m].length + " connections", el("ul", {}, ...data.merged[m].map(k =>
    el("li", {}, link(edgeName(data.edges[k]), () => chooseEdge(k)), data.edges[k].places.map(place)))));
}

/* ---- paths ---- */

const forth = [], back = [];
const vertexCount = count + 2 * nodes.length + data.turns.length;
for (let i = 0; i < vertexCount; i++) { forth.push([]); back.push([]); }
data.flow.forEach((edge, k) => { forth[edge[0]].push(k); back[edge[1]].push(k); });
const passes = v => v >= count || !components[v].trusted;
const isOpen = (edge, reach) => edge[3] <= reach.phase && (reach.time || edge[2] !== TIME);

/* Hops (components on the way, the last included) from each vertex to the target. */
function distances(to, reach) {
  const far = new Array(vertexCount).fill(Infinity), queue = [to];
  far[to] = 0;
  while (queue.length) {
    const v = queue.shift();
    if (v !== to && !passes(v)) continue;
    for (const k of back[v]) {
      const edge = data.flow[k], cost = far[v] + (v < count ? 1 : 0);
      if (isOpen(edge, reach) && cost < far[edge[0]]) {
        far[edge[0]] = cost;
        if (v < count) queue.push(edge[0]); else queue.unshift(edge[0]);
      }
    }
  }
  return far;
}

/* Every path that meets no component and no object twice, the short ones first, up to the limits. */
function paths(from, to, reach) {
  const far = distances(to, reach), found = [], met = new Set([from]), trail = [];
  let steps = 0, cut = "";
  const walk = (v, hops) => {
    if (++steps > LIMITS.steps || found.length >= LIMITS.paths) { cut = cut || (steps > LIMITS.steps ? "search" : "count"); return; }
    if (v === to) { if (hops === 0) found.push([...trail]); return; }
    if (v !== from && !passes(v)) return;
    for (const k of forth[v]) {
      const edge = data.flow[k], left = hops - (edge[1] < count ? 1 : 0);
      if (!isOpen(edge, reach) || met.has(edge[1]) || left < 0) continue;
      if (edge[1] !== to && far[edge[1]] > left) continue;
      met.add(edge[1]);
      trail.push(k);
      walk(edge[1], left);
      trail.pop();
      met.delete(edge[1]);
    }
  };
  for (let hops = far[from] || 1; hops <= LIMITS.hops && !cut && far[from] <= LIMITS.hops; hops++) walk(from, hops);
  return { found, cut: cut === "count" ? `There are more; the first ${LIMITS.paths} are shown.`
    : cut === "search" ? `The search was cut after ${LIMITS.steps} steps.`
    : far[from] < Infinity ? `Paths over more than ${LIMITS.hops - 1} others are not listed.` : "" };
}

const nodeOf = v => v - count < nodes.length ? nodes[v - count] : nodes[v - count - nodes.length];
const vertexWords = v => v >= count + 2 * nodes.length ? data.turns[v - count - 2 * nodes.length] : nodeOf(v).words;

function stepItem(k) {
  const [from, to, kind, phase, where, reason] = data.flow[k];
  const out = from < count, words = data.steps[kind][out ? 0 : 1].replace("%s", () => vertexWords(out ? to : from));
  const who = out ? components[from].name + " " : to < count ? components[to].name + " " : "";
  return el("li", { className: "phase" + phase }, who + ["", "(taking it) ", "(given it) "][phase] + words, place(where), reasons(reason));
}

function pathBox(trail) {
  const stops = trail.filter(k => data.flow[k][1] < count).map(k => data.flow[k][1]);
  const all = [data.flow[trail[0]][0], ...stops];
  return el("div", { className: "path" },
    el("button", { textContent: all.map(v => components[v].name).join(" → "), onclick: () => light(trail) }),
    el("ol", {}, ...trail.map(stepItem)));
}

const REACHES = [[0, false], [1, false], [2, false], [0, true], [1, true], [2, true]].map(([phase, time]) => ({ phase, time }));

function oneWay(a, b) {
  const reach = REACHES.find(r => distances(b, r)[a] < Infinity);
  const heading = el("h3", { textContent: `${components[a].name} to ${components[b].name}: ` + FLOWS[+components[a].reach[b]] });
  if (!reach) return [heading, el("p", { textContent: "no path" })];
  const { found, cut } = paths(a, b, reach);
  const extra = reach.phase + (reach.time ? 3 : 0) < 2 && !reach.time
    ? el("details", { ontoggle: e => { if (e.target.open && e.target.children.length === 1) {
      const more = paths(a, b, { phase: 2, time: false }), known = new Set(found.map(String));
      const rest = more.found.filter(t => !known.has(String(t)));
      e.target.append(...rest.map(pathBox), el("p", { className: "place", textContent: rest.length ? more.cut : "none" })); } } },
      el("summary", { textContent: "and by what could be taken or given" })) : null;
  return [heading, el("p", { className: "place pathcount", textContent: `${found.length} paths. ${cut}` }), ...found.map(pathBox), extra];
}

function showPair(a, b) {
  show([name(a), " and ", name(b)], oneWay(a, b), oneWay(b, a));
}

/* Marks a path in the picture. */
function light(trail) {
  const inside = new Set(), v = view();
  trail.forEach(k => data.flow[k].slice(0, 2).forEach(x => inside.add(x)));
  const stops = [...inside].filter(x => x < count), shared = [...inside].filter(x => x >= count).map(x => nodes.indexOf(nodeOf(x)));
  v.byElement.forEach(g => {
    const number = +g.id.slice(1), edge = data.edges[number];
    const on = g.id[0] === "e" ? stops.includes(edge.from) && (shared.includes(edge.node) || !edge.toNode && stops.includes(edge.to) && edge.class !== "memory")
      : g.id[0] === "s" ? stops.includes(number) : g.id[0] === "n" ? shared.includes(number)
      : g.id[0] === "g" ? stops.some(i => components[i].group === number) : false;
    g.classList.toggle("dim", !on);
    g.classList.toggle("on", on && g.id[0] === "e");
  });
}

/* ---- choosing ---- */

function mark() {
  const v = view(), ids = new Set(chosen.map(boxOf));
  if (shown) ids.add(shown);
  const near = new Set(ids);
  if (focus && chosen.length) v.byElement.forEach(g => {
    if (g.id[0] !== "e" && g.id[0] !== "m") return;
    const ends = (g.id[0] === "e" ? [data.edges[+g.id.slice(1)]] : data.merged[+g.id.slice(1)].map(k => data.edges[k]))
      .flatMap(edge => [boxOf(edge.from), edge.toNode ? "n" + edge.to : boxOf(edge.to)]);
    if (ends.some(id => ids.has(id))) [g.id, ...ends].forEach(id => near.add(id));
  });
  v.byElement.forEach(g => {
    g.classList.toggle("chosen", ids.has(g.id));
    g.classList.remove("on");
    g.classList.toggle("dim", focus && chosen.length > 0 && !near.has(g.id));
  });
  document.querySelectorAll("#list button").forEach(b => b.classList.toggle("chosen", chosen.includes(+b.dataset.i)));
}

function choose(i, more) {
  shown = null;
  chosen = more && chosen.length && chosen[0] !== i ? [chosen[0], i] : [i];
  mark();
  if (chosen.length === 2) showPair(...chosen); else showComponent(i);
}

function chooseOther(id, draw) {
  chosen = [];
  shown = id;
  mark();
  draw(+id.slice(1));
}
const chooseEdge = k => { if (grouped) setGrouped(false); chooseOther("e" + k, showEdge); };
const chooseNode = n => chooseOther("n" + n, showNode);

function act(g, more) {
  const number = +g.id.slice(1);
  switch (g.id[0]) {
  case "s": return choose(number, more);
  case "n": return chooseNode(number);
  case "e": return chooseEdge(number);
  case "g": return chooseOther(g.id, showGroup);
  default: return chooseOther(g.id, showMerged);
  }
}

function clear() { chosen = []; shown = null; mark(); overview(); }

function setGrouped(on) {
  grouped = on && views[1] !== null;
  byId("whole").hidden = grouped;
  byId("grouped").hidden = !grouped;
  byId("groups").setAttribute("aria-pressed", grouped);
  mark();
}

/* ---- search, filters, list ---- */

const find = byId("find");
function search(go) {
  const q = find.value.trim().toLowerCase(), hits = [];
  views.forEach(v => v && v.byElement.forEach(g => {
    if (g.id[0] === "e" || g.id[0] === "m") { g.classList.toggle("dim", q !== ""); return; }
    const hit = describe(g).toLowerCase().includes(q);
    g.classList.toggle("dim", !hit);
    if (hit && v === view()) hits.push(g);
  }));
  byId("legend").textContent = q === "" ? legend() : hits.length + " found";
  if (!go) return;
  const exact = components.findIndex(c => c.name.toLowerCase() === q);
  const best = exact >= 0 ? exact : components.findIndex(c => q !== "" && c.name.toLowerCase().includes(q));
  if (best >= 0) { choose(best, false); goTo(boxOf(best)); }
  else if (hits.length && q !== "") { act(hits[0], false); goTo(hits[0].id); }
}

function legend() { return "click: choose · Shift+click: paths · wheel: zoom · drag: move · / search · g groups · n focus · Esc clear"; }

function filters() {
  Object.entries(CLASSES).forEach(([kind, colour]) => {
    const box = el("input", { type: "checkbox", checked: true, id: "show-" + kind });
    const line = el("i", { className: kind === "signal" ? "dash" : "" });
    line.style.borderColor = colour;
    box.onchange = () => views.forEach(v => v && v.svg.querySelectorAll("g." + kind).forEach(g => {
      const off = [...g.classList].some(c => c in CLASSES && !byId("show-" + c).checked);
      g.classList.toggle("off", off);
    }));
    byId("filters").append(el("label", {}, box, line, kind));
  });
}

function lists() {
  data.groups.forEach((group, g) => {
    const inside = components.map((c, i) => [c, i]).filter(([c]) => c.group === g);
    const buttons = inside.map(([c, i]) => {
      const b = el("button", { textContent: c.name, onclick: e => { choose(i, e.shiftKey); goTo(boxOf(i)); } });
      b.dataset.i = i;
      return b;
    });
    byId("list").append(...(group.count > 1 ? [el("details", { open: !data.large }, el("summary",
      { textContent: `${group.name} (${group.count})` }), ...buttons)] : buttons));
    inside.forEach(([c]) => byId("names").append(el("option", { value: c.name })));
  });
}

/* ---- events ---- */

views.forEach(v => v && v.byElement.forEach(g => {
  const isEdge = g.id[0] === "e" || g.id[0] === "m";
  g.setAttribute("role", "button");
  g.setAttribute("aria-label", describe(g));
  /* Connections are reached by keyboard in the panel: hundreds of stops on the way help nobody. */
  g.setAttribute("tabindex", isEdge ? -1 : 0);
  g.addEventListener("click", e => { if (!dragged) { e.stopPropagation(); act(g, e.shiftKey); } });
  g.addEventListener("keydown", e => {
    if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); act(g, e.shiftKey); }
  });
  /* A thin line is hard to hit: a wide one that is not seen takes the clicks. */
  const line = isEdge && g.querySelector("path");
  if (line) {
    const wide = line.cloneNode();
    wide.setAttribute("style", "stroke:transparent;stroke-width:10;fill:none");
    wide.removeAttribute("stroke-dasharray");
    line.before(wide);
  }
}));

let from = null, dragged = false;
const area = byId("view");
area.addEventListener("wheel", e => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.15 : 1 / 1.15, e.clientX, e.clientY); }, { passive: false });
area.addEventListener("pointerdown", e => { from = [e.clientX, e.clientY]; dragged = false; });
addEventListener("pointerup", () => { from = null; });
addEventListener("pointermove", e => {
  if (!from) return;
  const dx = e.clientX - from[0], dy = e.clientY - from[1];
  if (!dragged && Math.abs(dx) + Math.abs(dy) < 4) return;
  dragged = true;
  move(-dx, -dy);
  from = [e.clientX, e.clientY];
});
area.addEventListener("click", () => { if (!dragged) clear(); });
byId("bigger").onclick = () => zoom(1 / 1.3);
byId("smaller").onclick = () => zoom(1.3);
byId("fit").onclick = fit;
byId("groups").onclick = () => setGrouped(!grouped);
byId("near").onclick = () => { focus = !focus; byId("near").setAttribute("aria-pressed", focus); mark(); };
find.addEventListener("input", () => search(false));
find.addEventListener("change", () => search(true));
addEventListener("keydown", e => {
  if (e.key === "Escape") { find.value = ""; search(false); clear(); byId("view").focus(); return; }
  if (e.target === find || e.ctrlKey || e.metaKey || e.altKey) return;
  const keys = { "+": () => zoom(1 / 1.3), "=": () => zoom(1 / 1.3), "-": () => zoom(1.3), 0: fit, "/": () => find.focus(),
    g: () => byId("groups").click(), n: () => byId("near").click() };
  const arrows = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
  else if (arrows[e.key] && !byId("side").contains(e.target) && !byId("list").contains(e.target)) { e.preventDefault(); move(...arrows[e.key]); }
});

/* ---- start: #NAME, #NAME,NAME ---- */

byId("title").textContent = document.title = data.title;
if (!views[1] || !data.groups.some(g => g.count > 1)) byId("groups").hidden = true;
filters();
lists();
byId("legend").textContent = legend();
overview();
document.body.classList.toggle("large", data.large > 0);
if (data.large) byId("show-trusted").click();
function fromAddress() {
  decodeURIComponent(location.hash.slice(1)).split(",").forEach((word, at) => {
    const i = components.findIndex(c => c.name === word);
    if (i >= 0) { choose(i, at > 0); if (at === 0) goTo(boxOf(i)); }
  });
}
addEventListener("hashchange", fromAddress);
fromAddress();
