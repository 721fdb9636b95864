#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "services/api/crs.hpp"
#include "services/domain/picture.hpp"
#include "services/http/uri.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::api {

/// The query parameters that `read_presentation` reads, for routes.
inline constexpr char const* presentation_parameters[] = {"crs", "properties", "skipGeometry",
                                                          "zoom-level"};

/// How features are shown, whatever the format.
struct Presentation {
    NamedCrs crs;
    std::vector<geo::Field> fields; ///< shown, in the schema's order
    /// Places of `fields` among the values of a feature; nothing: they are its values.
    std::optional<std::vector<std::size_t>> chosen;
    bool geometry = true;
    std::optional<std::uint32_t> zoom; ///< geometry as at that zoom

    /// Brings a feature that has its record's values and geometry into this form. Not done here:
    /// generalisation, which is a collection's affair.
    void apply(geo::Feature& feature) const;
    /// Brings a page of features into this form. `view` is null for features of the past.
    void apply(domain::View const* view, std::span<geo::Feature> features) const;
};

/// `crs`, `properties` (names with commas), `skipGeometry` (true, false), `zoom-level`.
/// Throws   "bad-parameter"; Error{bad_input, "unknown-property"} with the list of those known: a
///          field that is masked or about a person is not known.
[[nodiscard]] Presentation read_presentation(http::Query const& query,
                                             data::model::Collection const& collection,
                                             geo::Policy const& policy);

} // namespace diaban::services::api
