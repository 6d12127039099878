'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  for (const { groups, chains } of Object.values(data)) {
    for (const group of groups) group.statuses = chains[group.chain];
  }
  const tip = document.getElementById('tip');
  const svgNamespace = 'http://www.w3.org/2000/svg';
  const rowsAtOnce = 30;

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const draw = (name, attributes, ...children) => {
    const element = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const grouped = number => number.toLocaleString('en-US');

  // Moments and lengths, as the terminal spells them.
  const seconds = millis => (millis / 1000).toFixed(3).replace(/\.?0+$/, '') + 's';
  const length = millis => millis > 60000 && millis < 120000 ? seconds(millis) : offset(millis);
  const offset = millis => {
    if (millis === 0) return '0s';
    if (millis < 1000) return millis + 'ms';
    let text = '';
    for (const [unit, name] of [[86400000, 'd'], [3600000, 'h'], [60000, 'm']]) {
      if (millis >= unit) text += Math.floor(millis / unit) + name;
      millis %= unit;
    }
    return millis > 0 ? text + seconds(millis) : text;
  };
  const moment = (millis, start) => {
    if (start === null) return offset(millis);
    millis += start;
    const day = Math.floor(millis / 86400000), rest = millis % 86400000;
    const two = number => String(Math.floor(number)).padStart(2, '0');
    let text = (day > 0 ? '+' + day + 'd ' : '') + two(rest / 3600000) + ':' + two(rest / 60000 % 60) + ':' + two(rest / 1000 % 60);
    if (rest % 1000 > 0) text += '.' + String(rest % 1000).padStart(3, '0');
    return text;
  };

  // What stands beside the pointer, or beside what has the focus.
  const show = (text, x, y) => {
    tip.replaceChildren(...text.split('\n').map(line => make('div', {}, line)));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x + 12, innerWidth - width - 8)) + 'px';
    tip.style.top = (y + 18 + height > innerHeight ? Math.max(8, y - height - 12) : y + 18) + 'px';
  };
  const hide = () => { tip.hidden = true; };
  const segmentOf = event => event.target.closest ? event.target.closest('.seg') : null;
  const told = segment => {
    // The browser's own tooltip would stand beside ours.
    const title = segment.querySelector('title');
    if (title) {
      segment.setAttribute('aria-label', title.textContent);
      title.remove();
    }
    return segment.getAttribute('aria-label');
  };
  document.addEventListener('mousemove', event => {
    const segment = segmentOf(event);
    if (segment) show(told(segment), event.clientX, event.clientY);
    else if (!event.target.closest?.('.stack')) hide();
  });
  document.addEventListener('focusin', event => {
    const segment = segmentOf(event);
    if (!segment) return hide();
    const box = segment.getBoundingClientRect();
    show(told(segment), Math.max(box.left, 0), box.bottom - 10);
  });
  document.addEventListener('scroll', hide, { passive: true });

  // One stop for the tabulator in each lane; arrows go along it.
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') return hide();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const segment = segmentOf(event);
    if (!step || !segment) return;
    const all = [...segment.parentNode.querySelectorAll('.seg')];
    const next = all[all.indexOf(segment) + step];
    if (!next) return;
    segment.setAttribute('tabindex', -1);
    next.setAttribute('tabindex', 0);
    next.focus();
    event.preventDefault();
  });

  // Numbers of a fleet at one moment.
  const wake = chart => {
    const [scenario, place] = chart.dataset.chart.split(' ');
    const { start, groups } = data[scenario];
    const { statuses, counts: { every, devices } } = groups[place];
    const cursor = chart.querySelector('.cursor');
    let column = 0;
    const point = (at, x, y) => {
      column = Math.max(0, Math.min(devices.length - 1, at));
      const box = chart.getBoundingClientRect();
      const left = (column + .5) / devices.length * box.width;
      cursor.hidden = false;
      cursor.style.left = left + 'px';
      const numbers = devices[column].map((number, status) => number > 0 ? grouped(number) + ' ' + statuses[status].key : '');
      const text = 'from ' + moment(column * every, start) + '\n' + numbers.filter(Boolean).join('\n');
      show(text, x ?? box.left + left, y ?? box.top + 40);
    };
    chart.addEventListener('mousemove', event => {
      const box = chart.getBoundingClientRect();
      point(Math.floor((event.clientX - box.left) / box.width * devices.length), event.clientX, event.clientY);
    });
    chart.addEventListener('mouseleave', () => { cursor.hidden = true; hide(); });
    chart.addEventListener('focus', () => point(column));
    chart.addEventListener('blur', () => { cursor.hidden = true; hide(); });
    chart.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (!step) return;
      point(column + step);
      event.preventDefault();
    });
  };
  document.querySelectorAll('.stack').forEach(wake);

  // Tables of devices, drawn when their scenario is opened.
  const looks = { online: [0, 14], custom: [4, 10], offline: [9, 5], new: [13, 1] };
  const reasons = (scenario, device, change) => {
    const text = place => scenario.texts[place].replaceAll('\u0001', device.name);
    const [, , reason, because] = change;
    const lines = [text(reason)];
    for (let place = 0; place < because.length; place += 2) {
      lines.push('because ' + moment(because[place], scenario.start) + ' ' + text(because[place + 1]));
    }
    return lines;
  };
  const lane = (scenario, device) => {
    const svg = draw('svg', { width: '100%', height: 17, role: 'group', 'aria-label': device.name });
    const share = millis => millis / Math.max(scenario.until, 1) * 100;
    for (let place = 0; place < device.connected.length; place += 2) {
      const [from, to] = device.connected.slice(place, place + 2);
      svg.append(draw('rect', { class: 'connected', x: share(from) + '%', width: share(to - from) + '%', y: 15, height: 2 }));
    }
    device.history.forEach((change, place) => {
      const [at, status] = change;
      const end = place + 1 < device.history.length ? device.history[place + 1][0] : scenario.until;
      const { key, tone } = scenario.groups[device.group].statuses[status];
      const head = key + ', ' + moment(at, scenario.start) + ' to ' + moment(end, scenario.start);
      const label = [head, ...reasons(scenario, device, change)].join('\n');
      const x = share(at) + '%', width = Math.max(share(end - at), .15) + '%';
      const [y, height] = looks[tone];
      svg.append(draw('g', { class: 'seg', role: 'img', tabindex: place ? -1 : 0, 'aria-label': label },
        draw('rect', { class: 'hit', x, width, y: 0, height: 14 }),
        draw('rect', { class: tone, x, width, y, height })));
    });
    return svg;
  };
  const story = (scenario, device) => {
    const list = make('ol');
    for (const change of device.history) {
      const { key } = scenario.groups[device.group].statuses[change[1]];
      const [reason, ...because] = reasons(scenario, device, change);
      list.append(make('li', {}, moment(change[0], scenario.start) + ' ', make('b', {}, key), ': ' + reason,
        ...because.map(line => make('small', {}, line))));
    }
    return list;
  };

  const columns = [
    ['device', device => device.name],
    ['at the end', device => device.status],
    ['changes', device => device.changes],
    ['offline for', device => device.offline],
    ['detection', device => device.detection ?? -1],
    ['recovery', device => device.recovery ?? -1],
  ];
  const unpack = (scenario, row) => {
    const [name, group, failing, status, changes, offline, detection, recovery, history, connected] = row;
    const { key } = scenario.groups[group].statuses[status];
    return { name, group, failing: failing > 0, status: key, changes, offline, detection, recovery, history: history ?? null, connected: connected ?? [] };
  };
  const table = place => {
    const home = document.querySelector('[data-devices="' + place + '"]');
    if (!home || home.firstChild) return;
    const scenario = data[place];
    const devices = scenario.devices.map(row => unpack(scenario, row));
    const search = make('input', { type: 'search', placeholder: 'Find a device', 'aria-label': 'Find a device' });
    const only = make('input', { type: 'checkbox' });
    const count = make('span', { role: 'status' });
    const failing = devices.filter(device => device.failing).length;
    const tools = make('p', { class: 'tools' }, search);
    if (failing > 0) tools.append(make('label', {}, only, ' named in a failure (' + grouped(failing) + ')'));
    tools.append(count);
    const body = make('tbody');
    const more = make('button', { class: 'more', type: 'button' });
    const heads = columns.map(([name]) => make('th', { scope: 'col' }, make('button', { type: 'button' }, name)));
    const head = make('tr', {}, heads[0], make('th', { scope: 'col', class: 'life' }, 'over time'), ...heads.slice(1));
    home.append(tools, make('div', { class: 'wide' }, make('table', {}, make('thead', {}, head), body)), more);

    let shown = rowsAtOnce, sorted = null, descending = false;
    const row = device => {
      const button = make('button', { type: 'button', 'aria-expanded': 'false' }, device.name);
      const spelt = millis => millis === null || millis === undefined ? '' : length(millis);
      const life = make('td', { class: 'life' });
      life.append(device.history ? lane(scenario, device) : 'left out');
      const line = make('tr', { class: device.failing ? 'failing' : '' },
        make('td', {}, button), life, make('td', {}, device.status), make('td', {}, grouped(device.changes)),
        make('td', {}, spelt(device.offline || null)), make('td', {}, spelt(device.detection)), make('td', {}, spelt(device.recovery)));
      button.addEventListener('click', () => {
        const open = button.getAttribute('aria-expanded') === 'true';
        button.setAttribute('aria-expanded', String(!open));
        if (open) return line.nextSibling.remove();
        const cell = make('td', { colspan: columns.length + 1 }, device.history ? story(scenario, device) : 'Its history is left out to keep this page small; the JSON report has more.');
        line.after(make('tr', { class: 'story' }, cell));
      });
      return line;
    };
    const matching = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const says = device => (device.name + ' ' + scenario.groups[device.group].name + ' ' + device.status).toLowerCase();
      const found = devices.filter(device => (!only.checked || device.failing) && words.every(word => says(device).includes(word)));
      if (sorted === null) return found;
      const value = columns[sorted][1];
      const order = (a, b) => typeof value(a) === 'number' ? value(a) - value(b) : value(a).localeCompare(value(b), 'en', { numeric: true });
      return found.sort((a, b) => descending ? order(b, a) : order(a, b));
    };
    const refresh = () => {
      const found = matching();
      body.replaceChildren(...found.slice(0, shown).map(row));
      count.textContent = found.length === devices.length ? grouped(devices.length) + ' devices' : grouped(found.length) + ' of ' + grouped(devices.length) + ' devices';
      const left = found.length - shown;
      more.hidden = left <= 0;
      more.textContent = 'Show more (' + grouped(Math.max(left, 0)) + ' left)';
      heads.forEach((head, place) => {
        if (place === sorted) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      });
    };
    heads.forEach((head, place) => head.firstChild.addEventListener('click', () => {
      descending = sorted === place ? !descending : typeof columns[place][1](devices[0]) === 'number';
      sorted = place;
      refresh();
    }));
    search.addEventListener('input', () => { shown = rowsAtOnce; refresh(); });
    only.addEventListener('change', refresh);
    more.addEventListener('click', () => { shown += rowsAtOnce; refresh(); });
    refresh();
  };
  for (const scenario of document.querySelectorAll('.scenario')) {
    const home = scenario.querySelector('.roster');
    if (!home) continue;
    const fill = () => { if (scenario.open) table(home.dataset.devices); };
    scenario.addEventListener('toggle', fill);
    fill();
  }

  // What is marked in a long line must be seen.
  for (const excerpt of document.querySelectorAll('.excerpt')) {
    const { offsetLeft, offsetWidth } = excerpt.querySelector('mark');
    const hidden = offsetLeft + offsetWidth - excerpt.clientWidth;
    if (hidden > 0) excerpt.scrollLeft = hidden + 24;
  }

  // A link to a scenario opens it.
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.matches('.scenario')) target.open = true;
  };
  addEventListener('hashchange', open);
  open();

  const find = document.getElementById('find');
  find?.addEventListener('input', () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const scenario of document.querySelectorAll('.scenario')) {
      const says = scenario.querySelector('summary').textContent.toLowerCase();
      scenario.hidden = !words.every(word => says.includes(word));
    }
  });
})();
