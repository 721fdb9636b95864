#pragma once

#include "services/domain/coverage_shelf.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// Rasters of the record: `/coverages`, `/coverages/{coverageId}`, what one holds at a position
/// (`/value`) and along a line (`/profile`), and its tiles as heights and as hills in light.
///
/// Who      a coverage is read as a collection of its name is; see CoverageShelf.
/// Time     `datetime` names a file of a coverage with time: the last one not later; without it the
///          last there is.
void add_coverages(http::Router& router, domain::CoverageShelf const& shelf);

/// Who asks for coverages.
[[nodiscard]] domain::CoverageReader coverage_reader(http::Context const& context);

} // namespace diaban::services::api
