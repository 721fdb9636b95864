#pragma once

#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "services/domain/news.hpp"
#include "services/domain/picture.hpp"
#include "services/http/uri.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::live {

/// What an event tells. A change of a row is told as what it is to the reader: what leaves the
/// reader's box or rights is removed, what enters them is created.
enum class Kind : std::uint8_t { create, update, remove, import, tiles };

/// As it stands in `event:` and in the parameter `kinds`, in the order of Kind.
constexpr std::array<std::string_view, 5> kind_names{"create", "update", "delete", "import",
                                                     "tiles"};
[[nodiscard]] constexpr std::string_view to_string(Kind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

/// What a client asked to be told of.
struct Subscription {
    static constexpr std::uint8_t all_kinds = (1U << kind_names.size()) - 1;

    std::vector<std::string> collections; ///< sorted; empty: all
    std::vector<geo::Box> boxes;          ///< EPSG:4326; empty: everywhere
    std::uint8_t kinds = all_kinds;       ///< one bit a Kind

    [[nodiscard]] bool wants(Kind kind) const noexcept {
        return (kinds >> static_cast<unsigned>(kind) & 1U) != 0;
    }
    [[nodiscard]] bool wants(std::string_view collection) const noexcept;
    /// Whether a feature of that envelope concerns it; one without geometry does where no box is
    /// asked.
    [[nodiscard]] bool covers(geo::Box const& box) const noexcept;
};

/// `collections` (ids with a comma between), `bbox` (as on items), `kinds` (names with a comma
/// between); each may be absent.
/// Throws   Error{bad_input}: "bad-bbox", "bad-parameter"; Error{not_found, "unknown-collection"}
///          for one that `picture` does not know.
[[nodiscard]] Subscription read_subscription(http::Query const& query,
                                             domain::Picture const& picture);

/// Which sides of a change are there for a reader: 1 before, 2 after, 3 both, 0 neither. The kind
/// of event follows: update for both, delete for the old side alone, create for the new one.
[[nodiscard]] unsigned sides_seen(data::postgis::Change const& change, geo::Policy const& policy,
                                  Subscription const& subscription) noexcept;

/// What a change is to one who sees these sides (not 0).
[[nodiscard]] Kind kind_of(data::postgis::Change const& change, unsigned sides) noexcept;

} // namespace diaban::services::live
