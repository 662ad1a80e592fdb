// SPDX-License-Identifier: BSD-3-Clause
// Nothing: ../calor.js does what the theme's own script did.
