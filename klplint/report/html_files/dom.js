"use strict";
// Elements are made here, and texts are always text nodes: nothing is ever parsed as HTML.

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== ""));
  return node;
};

const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

const drawn = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const plural = (number, noun) =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

const code = (text) => el("code", {}, text);

// A text in which `quoted` parts are code; the names of shared objects have their colours.
const prose = (text, objects = []) =>
  text.split("`").map((part, index) => {
    if (index % 2 === 0 || !part) return part;
    const object = objects.findIndex((each) => each.name === part);
    return object < 0 ? code(part) : el("mark", { class: "object", "data-object": letter(object) }, part);
  });

const letter = (index) => String.fromCharCode(65 + index);

// A path may be broken at its slashes, if it has to be.
const path = (text) => text.split(/(?<=\/)/).flatMap((part, index) => (index ? [el("wbr"), part] : [part]));

const called = (name) => (name ? `${name}()` : "");

const data = JSON.parse(document.getElementById("data").textContent);
