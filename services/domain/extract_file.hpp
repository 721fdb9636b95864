#pragma once

#include "geo/schema.hpp"
#include "services/api/presentation.hpp"
#include "services/domain/extract_text.hpp"
#include "services/http/messages.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace diaban::services::domain {

/// How rows are laid out in a file.
struct ExtractLayout {
    bool multi = false;   ///< points of several positions are among the rows
    int srid = 4326;      ///< CRS of the rows
    bool planar = false;  ///< it is in metres
    bool guarded = false; ///< see CsvLayout
    geo::codec::CoordinateForm form{};
    http::Language language = http::Language::vi; ///< of a sheet's header
    api::Presentation const* shown = nullptr;     ///< of JSON-FG, which needs it
};

/// The writer of `file` by its ending; `schema` says the name and the kind of geometry. Rows have
/// `fid` first, then `fields`.
/// Throws   Error{bad_input, "unwritable-file"}, Error{unsupported, "unknown-format"}.
std::unique_ptr<ExtractWriter> extract_writer(std::filesystem::path const& file,
                                              geo::Schema const& schema,
                                              std::vector<geo::Field> const& fields,
                                              ExtractLayout const& layout);

/// The rows as the bytes of such a file: one in the folder for temporary files, gone at the end.
/// `ending` as ".gpkg".
std::string extract_bytes(std::string const& ending, geo::Schema const& schema,
                          std::vector<geo::Field> const& fields, ExtractLayout layout,
                          std::vector<geo::Feature> const& features);

} // namespace diaban::services::domain
