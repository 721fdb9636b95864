#include "services/api/sorting.hpp"

#include "geo/error.hpp"
#include "geo/filter/filter.hpp"
#include "services/api/parameters.hpp"
#include "services/http/router.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::api {

namespace {

constexpr std::string_view accepted_sortby = "+name,-other; each name once, at most 8";

} // namespace

std::vector<Sortable> sortables(geo::Schema const& schema, geo::Policy const& policy) {
    std::vector<Sortable> result;
    for (auto const& known : geo::filter::queryables(schema, policy))
        if (known.field != nullptr || known.name == "id")
            result.push_back({known.name, known.field});
    return result;
}

std::vector<domain::SortKey> read_sortby(http::Query const& query, geo::Schema const& schema,
                                         geo::Policy const& policy) {
    auto const text = query.find("sortby");
    if (!text) return {};
    auto const known = sortables(schema, policy);
    std::vector<domain::SortKey> keys;
    for (auto rest = *text;;) {
        auto const comma = rest.find(',');
        auto name = rest.substr(0, comma);
        bool const descending = name.starts_with('-');
        // A plus that was not encoded has become a space.
        if (descending || name.starts_with('+') || name.starts_with(' ')) name.remove_prefix(1);
        auto const at = std::ranges::find(known, name, &Sortable::name);
        if (at == known.end()) {
            std::vector<std::string> names;
            for (auto const& sortable : known) names.push_back(sortable.name);
            throw geo::Error{geo::Code::bad_input,
                             "unknown-sortable",
                             {{"parameter", "sortby"},
                              {"value", std::string{name.substr(0, 64)}},
                              {"accepted", http::join(names)}}};
        }
        auto const field = at->field != nullptr ? at->name : std::string{};
        if (std::ranges::find(keys, field, &domain::SortKey::field) != keys.end() ||
            keys.size() == domain::most_sort_keys)
            refuse_parameter("sortby", *text, std::string{accepted_sortby});
        keys.push_back({field, descending});
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    return keys;
}

void refuse_sort_of_past() {
    throw geo::Error{geo::Code::bad_input, "sort-past", {{"parameter", "sortby"}}};
}

} // namespace diaban::services::api
