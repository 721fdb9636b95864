#pragma once

#include "geo/feature.hpp"
#include "services/api/presentation.hpp"
#include "services/domain/picture.hpp"
#include "services/http/representation.hpp"
#include "services/http/router.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// A form that features are answered in.
struct ItemForm {
    enum class Kind : std::uint8_t { geojson, json_fg, html, file };
    Kind kind = Kind::geojson;
    std::string_view name; ///< value of `f`
    std::string_view media_type;
    std::string_view ending; ///< of a file
};

/// GeoJSON first, then JSON-FG, HTML, and the files: CSV, FlatGeobuf, GeoPackage, a workbook.
[[nodiscard]] std::span<ItemForm const> item_forms() noexcept;

/// `f` first, then Accept.
/// Throws   "bad-parameter", "no-such-form".
[[nodiscard]] ItemForm const& choose_item_form(http::Context const& context);

/// The features as a file of the form, easting or longitude first; in a CSV well-known text has its
/// axes as the CRS does. Texts in a CSV are guarded against being taken for formulas.
/// Throws   Error{bad_input, "form-without-geometry"}: a FlatGeobuf holds no feature without one.
[[nodiscard]] http::Representation item_file(http::Context const& context, domain::View const& view,
                                             Presentation const& shown, ItemForm const& form,
                                             std::vector<geo::Feature> const& features);

} // namespace diaban::services::api
