#pragma once

#include <filesystem>
#include <string>

namespace diaban::data::gdal {

/// The name under which GDAL opens `file`: through /vsizip or /vsigzip where it is packed.
///
/// `a.zip` gives the one readable file in it; `a.zip/b/c.shp` gives that one; `a.gz` is unpacked
/// while reading. Everything else is itself.
///
/// Throws  Error{not_found, "no-file"}; Error{bad_input, "ambiguous-archive"} with the files in it,
///         "unreadable-file" where there is none.
std::string gdal_name(std::filesystem::path const& file);

} // namespace diaban::data::gdal
