// On every page of the site: those of the tutorial get buttons that run their examples.

if (location.pathname.includes("/tutorial/")) await import("./examples.js");
