#pragma once

#include <filesystem>
#include <string>

namespace diaban::data::model {

/// Says that a file cannot be written, by its name alone; where it lies goes to the log.
///
/// Throws   Error{bad_input, "unwritable-file"}, always.
[[noreturn]] void refuse_file(std::filesystem::path const& file, std::string const& reason);

} // namespace diaban::data::model
