// SPDX-License-Identifier: BSD-3-Clause
"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  if (data.kind === "run") showRun(data);
  else showSweep(data);
}
