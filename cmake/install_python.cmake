# SPDX-License-Identifier: BSD-3-Clause
# Run by `cmake --install`: the Python package calor, which has no compiled part, goes to where that Python looks for
# modules below the prefix (/usr, /usr/local, ~/.local, a virtual environment); below any other prefix to lib/pythonX.Y.
set(query "import site, sys
prefix = sys.argv[1].rstrip('/') + '/'
places = [*site.getsitepackages(), site.getusersitepackages(), prefix + 'lib/python%d.%d/site-packages' % sys.version_info[:2]]
print(next(p for p in places if p.startswith((prefix + 'lib/', prefix + 'lib64/'))))")
execute_process(COMMAND ${calor_python} -c "${query}" ${CMAKE_INSTALL_PREFIX}
                OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(INSTALL ${calor_package} DESTINATION ${place} FILES_MATCHING PATTERN "*.py" PATTERN "py.typed" PATTERN "__pycache__" EXCLUDE)
