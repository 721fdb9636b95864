#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

/// Writes the features of a collection to a file: those that a filter, boxes and times choose, in
/// any CRS and form that items have; all of them, as of one moment.
///
/// Inputs   `collection`, `format`, and of the parameters of items: bbox, bbox-crs, datetime,
/// filter,
///          filter-lang, filter-crs, crs, properties, skipGeometry; each as text, or as the JSON
///          that says the same.
/// Agrees   with what items answer to the same parameters, for it is the same evaluator.
[[nodiscard]] Process export_process();

} // namespace diaban::services::domain
