#pragma once

#include <filesystem>
#include <string>

namespace diaban::data::postgis {

/// The whole of a small file. Throws Error{not_found, "no-file"}.
std::string file_text(std::filesystem::path const& file);

} // namespace diaban::data::postgis
