// SPDX-License-Identifier: BSD-3-Clause
// In place of the script of the theme, which Debian ships as a module, and modules are not loaded from the disk: dark or
// light as the browser says until the button is pressed, and where one is on the page.
(function () {
  "use strict";
  const kept = function () {
    try { return localStorage.getItem("theme"); } catch (e) { return null; }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = function () {
    const theme = kept();
    document.body.dataset.theme = theme === "dark" || theme === "light" ? theme : dark.matches ? "dark" : "light";
  };
  show();
  dark.addEventListener("change", show);
  document.documentElement.classList.remove("no-js");
  document.querySelectorAll(".theme-toggle").forEach(function (button) {
    button.addEventListener("click", function () {
      const next = document.body.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", next); } catch (e) { /* not kept then */ }
      document.body.dataset.theme = next;
    });
  });

  const links = Array.from(document.querySelectorAll(".toc-tree a[href^='#']"));
  const places = links.map(function (link) {
    const id = decodeURIComponent(link.getAttribute("href").slice(1));
    return id ? document.getElementById(id) : document.querySelector("article");
  });
  let asked = false;
  const mark = function () {
    asked = false;
    let now = 0;
    places.forEach(function (place, n) {
      if (place && place.getBoundingClientRect().top < innerHeight / 3) now = n;
    });
    links.forEach(function (link, n) {
      link.parentElement.classList.toggle("scroll-current", n === now);
    });
  };
  if (links.length) {
    addEventListener("scroll", function () {
      if (!asked) { asked = true; requestAnimationFrame(mark); }
    }, { passive: true });
    mark();
  }
})();
