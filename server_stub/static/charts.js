// Draws the charts of a page. Each is read from its own table, so it shows what the table tells and
// nothing else. Without this script, or where drawing fails, the tables stand open.
"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  function look() {
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const named = ["ink", "quiet", "edge", "card"].map((name) => [name, token(name)]);
    const several = (name, count) =>
      Array.from({ length: count }, (_, n) => token(`${name}-${n + 1}`));
    return {
      ...Object.fromEntries(named),
      em: size,
      text: Math.round(size * 0.82),
      chart: several("chart", 6),
      heat: several("heat", 5),
    };
  }

  // ---- reading ----

  function read(table) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    return {
      kind: table.dataset.kind,
      unit: table.dataset.unit,
      columns: heads.map((head) => ({ title: head.textContent, ...head.dataset })),
      rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map(readCell)),
    };
  }

  function readCell(cell) {
    const { value, name } = cell.dataset;
    return { text: cell.textContent, name, value: value === undefined ? null : Number(value) };
  }

  // ---- what all have in common ----

  function base(style) {
    return {
      animation: false,
      textStyle: { fontFamily: '"Ankunft Sans", sans-serif', fontSize: style.text, color: style.ink },
      color: style.chart,
      aria: { enabled: true, label: { enabled: false }, decal: { show: false } },
    };
  }

  function words(style, more) {
    return { fontSize: style.text, color: style.ink, ...more };
  }

  function categories(style, names, more) {
    return {
      type: "category",
      data: names,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: style.quiet } },
      axisLabel: words(style, more),
    };
  }

  const written = new Intl.NumberFormat(document.documentElement.lang);

  function numbers(style, unit, width) {
    return {
      type: "value",
      name: unit,
      nameTextStyle: words(style, { color: style.quiet }),
      minInterval: 1,
      splitNumber: width < 24 * style.em ? 2 : 5,
      axisLabel: words(style, {
        color: style.quiet,
        hideOverlap: true,
        formatter: (number) => written.format(number),
      }),
      splitLine: { lineStyle: { color: style.edge } },
    };
  }

  function legend(style, shown) {
    return {
      show: shown,
      type: "plain",
      left: 0,
      top: 0,
      itemWidth: style.em * 1.4,
      itemHeight: style.em * 0.9,
      itemGap: style.em * 1.1,
      selectedMode: false,
      textStyle: words(style),
    };
  }

  function linesOfLegend(told, style, width) {
    const long = told.columns.map((column) => column.title.length * style.text * 0.56 + style.em * 3);
    return Math.ceil(long.reduce((sum, one) => sum + one, 0) / width);
  }

  // ---- kinds ----

  function bars(told, style, width) {
    const several = told.columns.length > 1;
    const lines = several ? linesOfLegend(told, style, width) : 0;
    return {
      ...base(style),
      aria: { enabled: true, label: { enabled: false }, decal: { show: several } },
      legend: legend(style, several),
      grid: { left: 4, right: 8, top: style.em * (1.2 + 1.7 * lines), bottom: 4, containLabel: true },
      xAxis: categories(style, told.rows.map((row) => row[0].text), { hideOverlap: true }),
      yAxis: numbers(style, told.unit, Infinity),
      series: told.columns.map((column, n) => ({
        name: column.title,
        type: column.drawn,
        barGap: "8%",
        symbol: "diamond",
        symbolSize: style.em * 0.6,
        lineStyle: { width: 2, type: "dashed" },
        itemStyle: { color: style.chart[n], borderRadius: column.drawn === "bar" ? [3, 3, 0, 0] : 0 },
        z: column.drawn === "line" ? 3 : 2,
        label: words(style, { show: n === 0 && width > 3 * style.em * told.rows.length, position: "top", fontSize: style.text * 0.9 }),
        data: told.rows.map((row) => row[n + 1].value),
      })),
    };
  }

  function lyingBars(told, style, width) {
    const several = told.columns.length > 1;
    const lines = several ? linesOfLegend(told, style, width) : 0;
    const room = Math.min(width * 0.45, style.em * 11);
    return {
      ...base(style),
      aria: { enabled: true, label: { enabled: false }, decal: { show: several } },
      legend: legend(style, several),
      grid: { left: room + 8, right: style.em * 6, top: style.em * (0.4 + 1.7 * lines), bottom: style.em * 1.8 },
      xAxis: numbers(style, "", width),
      yAxis: {
        ...categories(style, told.rows.map((row) => row[0].text), { width: room, overflow: "break" }),
        inverse: true,
      },
      series: told.columns.map((column, n) => ({
        name: column.title,
        type: "bar",
        barGap: "12%",
        barCategoryGap: "28%",
        itemStyle: { color: style.chart[n], borderRadius: [0, 3, 3, 0] },
        label: words(style, { show: true, position: "right", formatter: (p) => p.data.text }),
        data: told.rows.map((row) => lying(row[n + 1])),
      })),
    };
  }

  // Where there is no number but a word, such as "withheld", the word stands where a bar would begin.
  function lying(cell) {
    if (cell.value === null && cell.text === "–") return { value: null, text: "" };
    return { value: cell.value ?? 0, text: cell.text };
  }

  const STEPS = [10, 20, 40, 80]; // minutes, up to which a field has its colour

  function heat(told, style) {
    const colour = (minutes) => style.heat[STEPS.findIndex((most) => minutes <= most)] ?? style.heat[4];
    const fields = told.rows.flatMap((row, y) =>
      row.slice(1).flatMap((cell, x) =>
        cell.value === null ? [] : [{ value: [x, y, cell.value], label: { color: inkOn(colour(cell.value)) } }],
      ),
    );
    const pieces = style.heat.map((color, n) => ({
      color,
      ...(n > 0 && { gt: STEPS[n - 1] }),
      ...(n < STEPS.length && { lte: STEPS[n] }),
      label: n === 0 ? `≤ ${STEPS[0]}` : n < STEPS.length ? `${STEPS[n - 1] + 1}–${STEPS[n]}` : `> ${STEPS[n - 1]}`,
    }));
    return {
      ...base(style),
      grid: { left: 4, right: style.em * 1.4, top: style.em * 2.4, bottom: 4, containLabel: true },
      xAxis: { ...categories(style, told.columns.map((column) => column.title), { interval: 0 }), axisLine: { show: false } },
      yAxis: { ...categories(style, told.rows.map((row) => row[0].text)), inverse: true, axisLine: { show: false } },
      visualMap: {
        type: "piecewise",
        orient: "horizontal",
        left: 0,
        top: 0,
        itemWidth: style.em * 1.2,
        itemHeight: style.em * 0.9,
        itemSymbol: "roundRect",
        selectedMode: false,
        hoverLink: false,
        textStyle: words(style),
        pieces,
      },
      series: [{
        type: "heatmap",
        data: fields,
        silent: true,
        label: { show: true, fontSize: style.text, formatter: (p) => p.value[2] },
        itemStyle: { borderColor: style.card, borderWidth: 2, borderRadius: 4 },
      }],
    };
  }

  function flow(told, style) {
    const places = new Map();
    const links = told.rows.map(([from, to, parties, persons]) => {
      for (const [place, side] of [[from, "out"], [to, "in"]]) {
        const known = places.get(place.name) ?? { label: place.text, in: [0, 0], out: [0, 0] };
        known[side] = [known[side][0] + parties.value, known[side][1] + persons.value];
        places.set(place.name, known);
      }
      return { source: from.name, target: to.name, value: parties.value };
    });
    const label = ({ label: name, in: came, out: went }) => {
      const most = [0, 1].map((n) => Math.max(came[n], went[n]));
      const counted = most.map((count, n) => `${written.format(count)} ${told.columns[n + 1].unit}`);
      return `{name|${name}}\n${counted.join("\n")}`;
    };
    return {
      ...base(style),
      series: [{
        type: "sankey",
        left: 4,
        right: style.em * 9,
        top: style.em * 0.6,
        bottom: style.em * 2.6,
        nodeGap: style.em * 3,
        nodeWidth: style.em * 0.9,
        draggable: false,
        silent: true,
        nodeAlign: "left",
        data: [...places].map(([name, place], n) => ({
          name,
          itemStyle: { color: style.chart[n % style.chart.length], borderWidth: 0 },
          label: { formatter: label(place) },
        })),
        links,
        lineStyle: { color: "source", opacity: 0.32, curveness: 0.5 },
        label: {
          ...words(style, { color: style.ink, lineHeight: style.text * 1.25, position: "right" }),
          rich: { name: { fontWeight: "bold", fontSize: style.text, color: style.ink } },
        },
      }],
    };
  }

  const INKS = ["#10203b", "#ffffff"];

  // The ink that is read better on a colour, as WCAG 2.2 measures contrast.
  function inkOn(colour) {
    const [dark, light] = INKS.map((ink) => {
      const [more, less] = [lightness(ink), lightness(colour)].sort((a, b) => b - a);
      return (more + 0.05) / (less + 0.05);
    });
    return INKS[dark > light ? 0 : 1];
  }

  function lightness(colour) {
    const channels = colour.match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16) / 255);
    const linear = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  const KINDS = { bars, rows: lyingBars, heat, flow };

  function size(told, style) {
    const rows = told.rows.length;
    const columns = told.columns.length;
    return {
      bars: { height: 19, width: 0 },
      rows: { height: 3 + rows * (0.8 + columns) + (columns > 1 ? 2 : 0), width: 0 },
      heat: { height: 5 + rows * 3, width: 9 + columns * 2.5 },
      flow: { height: 26, width: 46 },
    }[told.kind];
  }

  // ---- drawing ----

  function draw(node) {
    const table = document.getElementById(node.dataset.of);
    const told = read(table);
    const style = look();
    const wanted = size(told, style);
    node.hidden = false;
    node.style.height = `${wanted.height * style.em}px`;
    node.style.minWidth = `${wanted.width * style.em}px`;
    const chart = echarts.init(node, null, { renderer: "svg" });
    chart.setOption(KINDS[told.kind](told, style, node.clientWidth));
    node.setAttribute("role", "img");
    const title = node.closest("section").querySelector("h2").textContent;
    node.setAttribute("aria-label", `${title}. ${node.dataset.same}`);
    return chart;
  }

  function redraw(entry) {
    entry.chart?.dispose();
    entry.chart = draw(entry.node);
    entry.width = entry.node.clientWidth;
    // Only what slides is a stop for the keyboard.
    const frame = entry.node.parentElement;
    const slides = frame.scrollWidth > frame.clientWidth;
    if (slides) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", entry.node.getAttribute("aria-label"));
    } else {
      frame.removeAttribute("tabindex");
      frame.removeAttribute("role");
      frame.removeAttribute("aria-label");
    }
  }

  function begin(node) {
    const entry = { node };
    try {
      redraw(entry);
    } catch (error) {
      node.hidden = true; // the table tells it
      console.warn(`${node.dataset.of} is not drawn: ${error.message}`);
      return;
    }
    node.closest("section").querySelector("details").open = false;
    drawn.push(entry);
    new ResizeObserver(() => {
      if (entry.node.clientWidth !== entry.width) redraw(entry);
    }).observe(node.parentElement);
  }

  document.fonts.ready.then(() => {
    document.querySelectorAll(".chart[data-of]").forEach(begin);
    document.documentElement.classList.add("is-drawn");
  });
  dark.addEventListener("change", () => drawn.forEach(redraw));
})();
