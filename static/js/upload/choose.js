// Choosing files and folders: with handles, which can be kept, where the browser has them; else with its file inputs.

/** Call `take` with `{handles}` or `{files}` when somebody has chosen some by the buttons and inputs of the panel. */
export function onChosen(panel, take) {
  const inputs = { files: panel.querySelector("[data-files]"), folder: panel.querySelector("[data-folder]") };
  const buttons = [...panel.querySelectorAll("[data-choose]")];
  if (!("webkitdirectory" in inputs.folder)) buttons.find((button) => button.dataset.choose === "folder").hidden = true;

  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const handles = await picked(button.dataset.choose);
      if (handles === null) inputs[button.dataset.choose].click();
      else if (handles.length) take({ handles });
    });
  }
  for (const input of Object.values(inputs)) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      if (files.length) take({ files });
    });
  }
}

/** Handles; none when nothing was chosen, null where the browser cannot give any. */
async function picked(what) {
  const pick = what === "folder" ? window.showDirectoryPicker : window.showOpenFilePicker;
  if (!pick) return null;
  try {
    return [await pick.call(window, { multiple: true })].flat();
  } catch (error) {
    return error.name === "AbortError" ? [] : null;
  }
}
