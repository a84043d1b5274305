// SPDX-License-Identifier: Apache-2.0
// Which files a solver needs: those of the system, its program's, its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plumbline::analytic::external {

/// Programs and libraries of the system, and our own program: whoever runs it is named for that.
[[nodiscard]] std::vector<std::string> system_files();

/// What `command` needs beyond these, run in the folder `base`: that folder, where its program and
/// the interpreter of that are installed, the files that it names, and the folder of the first of
/// them. A home folder as a whole is none of it.
[[nodiscard]] std::vector<std::string> files_of_command(const std::vector<std::string>& command,
                                                        const std::filesystem::path& base);

}  // namespace plumbline::analytic::external
