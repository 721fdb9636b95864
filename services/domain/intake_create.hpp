#pragma once

#include "data/gdal/vector_source.hpp"
#include "data/model/collection.hpp"
#include "services/domain/intake.hpp"

#include <string>
#include <string_view>

namespace diaban::services::domain {

/// A field or collection name from any text: `Tên đường` gives `ten_duong`. Diacritics fall away,
/// what is neither letter nor digit becomes `_`; a name the record keeps for itself gets a `_`.
[[nodiscard]] std::string plain_name(std::string_view text);

/// The collection that a layer suggests: its fields under plain names (or those `request.map` and
/// `request.constants` name), all drawn; geometry as the layer says, or as its first rows have it.
/// A text field called as names are is the label of its features.
///
/// `request.map` is filled so that every field finds its source. Types of an untyped layer (CSV)
/// are those that all its rows can be read as: the file is read once for that, and rewound. A
/// column with a leading zero anywhere holds codes: text. Throws  Error{bad_input,
/// "mixed-geometry"} where rows are of several kinds.
data::model::Collection collection_of(data::gdal::VectorSource& source, ImportRequest& request);

} // namespace diaban::services::domain
