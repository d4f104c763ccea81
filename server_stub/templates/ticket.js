// Keeps the ticket page current, and rings when its number is called. Written for old phones.
(function () {
  "use strict";
  var main = document.getElementById("ticket"), stale = document.getElementById("stale");
  var button = document.getElementById("sound");
  var PARTS = ["header", ".drawings", "#ticket", "#stale", "#sound .off", "#sound .on"];
  var LONGEST = 60, PATIENCE = 10000;  // seconds between looks; milliseconds for an answer
  var tag = "", failures = 0, looking = false, timer = 0, current = new Date(), audio = null;

  function shown() { return main.firstElementChild.dataset; }

  if (!window.fetch || !window.AbortController) {
    setTimeout(function () { location.reload(); }, 20000);
    return;
  }

  function clock(at) {
    return ("0" + at.getHours()).slice(-2) + ":" + ("0" + at.getMinutes()).slice(-2);
  }

  // Browsers keep sound and vibration to pages that were touched, and complain of others.
  function ring() {
    var touched = navigator.userActivation ? navigator.userActivation.hasBeenActive : audio;
    if (touched && navigator.vibrate) navigator.vibrate([500, 200, 500, 200, 900]);
    for (var again = 0; again < 3; again++) chime(again * 1.6);
  }

  function chime(after) {
    if (!audio) return;
    [[659, 0], [523, 0.4]].forEach(function (tone) {
      var sound = audio.createOscillator(), volume = audio.createGain();
      var begins = audio.currentTime + after + tone[1];
      sound.frequency.value = tone[0];
      volume.gain.setValueAtTime(0.5, begins);
      volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.9);
      sound.connect(volume).connect(audio.destination);
      sound.start(begins);
      sound.stop(begins + 1);
    });
  }

  function parsed(html) { return new DOMParser().parseFromString(html, "text/html"); }

  function show(html, signal) {
    var before = shown().call, next = parsed(html).body.firstElementChild;
    var shows = next.dataset.page === shown().page
      ? main.replaceChild(document.adoptNode(next), main.firstElementChild)
      : renew(signal);  // another language, other drawings or another version of the page
    return Promise.resolve(shows).then(function () {
      document.title = shown().title;
      if (shown().call && shown().call !== before) ring();
    });
  }

  // A page that is loaded anew is silent until it is touched: whoever waits for the sound keeps
  // this one, with its style and script, and only what they show is exchanged.
  function renew(signal) {
    if (!audio) return location.reload();
    return fetch(location.pathname, {
      cache: "no-store", credentials: "omit", signal: signal,
    }).then(function (answer) {
      if (!answer.ok) throw new Error("status " + answer.status);
      return answer.text();
    }).then(function (html) {
      var page = parsed(html), root = document.documentElement;
      var parts = PARTS.map(function (part) { return page.querySelector(part); });
      if (parts.indexOf(null) >= 0) return location.reload();
      root.lang = page.documentElement.lang;
      root.dir = page.documentElement.dir;
      PARTS.forEach(function (part, at) { document.querySelector(part).innerHTML = parts[at].innerHTML; });
    });
  }

  function look() {
    if (looking) return;
    looking = true;
    clearTimeout(timer);
    var stop = new AbortController();
    var late = setTimeout(function () { stop.abort(); }, PATIENCE);
    fetch(location.pathname.replace(/\/$/, "") + "/now", {
      cache: "no-store", credentials: "omit", signal: stop.signal,
      headers: tag ? { "If-None-Match": tag } : {},
    }).then(function (answer) {
      if (answer.status === 304) return null;
      if (!answer.ok) throw new Error("status " + answer.status);
      return answer.text().then(function (html) { return show(html, stop.signal); }).then(function () {
        tag = answer.headers.get("ETag") || "";
      });
    }).then(function () {
      failures = 0;
      current = new Date();
      stale.hidden = true;
    }).catch(function () {
      failures += 1;
      if (failures > 1 || navigator.onLine === false) tellStale();
    }).then(function () {
      clearTimeout(late);
      looking = false;
      var seconds = Math.min(Number(shown().seconds) * Math.pow(2, failures), LONGEST);
      // Hidden pages rest, to spare the battery, but not where somebody waits for the sound.
      if (!document.hidden || audio) timer = setTimeout(look, seconds * (900 + 200 * Math.random()));
    });
  }

  function tellStale() {
    stale.querySelector("bdi").textContent = clock(current);
    stale.hidden = false;
  }

  button.hidden = !(window.AudioContext || window.webkitAudioContext);
  button.addEventListener("click", function () {
    if (audio) {
      audio.close();
      audio = null;
    } else {
      audio = new (window.AudioContext || window.webkitAudioContext)();
      audio.resume();
      chime(0);
    }
    button.setAttribute("aria-pressed", String(!!audio));
    button.querySelector(".off").hidden = !!audio;
    button.querySelector(".on").hidden = !audio;
  });

  document.addEventListener("visibilitychange", function () { if (!document.hidden) look(); });
  window.addEventListener("online", look);
  window.addEventListener("offline", tellStale);
  timer = setTimeout(look, Number(shown().seconds) * 1000);
})();
