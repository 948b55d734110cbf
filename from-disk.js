// Python cannot say this: on a page opened from the disk no module loads, and PyScript is one.
if (location.protocol === "file:") document.documentElement.dataset.fromDisk = "";
