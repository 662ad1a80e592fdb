# SPDX-License-Identifier: BSD-3-Clause
"""The version, which is calor's own."""
version = "0.1.0"
