#pragma once

#include "geo/policy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::access {

/// What is done with a collection's rows.
enum class Action : std::uint8_t {
    read,     ///< see rows and their fields
    edit,     ///< make, change and remove those that are read too
    personal, ///< see and change fields about a person, of those that are read too
    count,    ///< be told numbers of rows, also of those not read, where they are not small
};
inline constexpr std::array action_names{"read", "edit", "personal", "count"};
inline constexpr std::size_t action_count = action_names.size();
[[nodiscard]] std::optional<Action> action_named(std::string_view name) noexcept;

/// What a visitor may do beside the collections.
enum class Duty : std::uint8_t {
    administer, ///< users and roles
    audit,      ///< read who read and changed what
    operate,    ///< read the server's own figures, which count rows whoever may see them
};
inline constexpr std::array duty_names{"administer", "audit", "operate"};
inline constexpr std::size_t duty_count = duty_names.size();
[[nodiscard]] std::optional<Duty> duty_named(std::string_view name) noexcept;

/// Which rows and fields: what a geo::Policy is made of.
struct Reach {
    bool everywhere = false;
    std::vector<std::string> scopes; ///< codes of units, where it is not everywhere
    std::uint8_t level = 0;
    std::vector<std::string> masked; ///< names of fields

    [[nodiscard]] bool holds(Reach const& other) const;
    [[nodiscard]] geo::Policy policy() const;
};

/// What both see: the scopes of both, the lower level, the masks together.
[[nodiscard]] Reach common(Reach const& a, Reach const& b);
/// What either sees, where that is a set of scopes with one level and one mask; else the scopes
/// together under the lower level and the masks together, which shows nothing that neither shows.
[[nodiscard]] Reach joined(Reach const& a, Reach const& b);

/// One line of a role.
struct Grant {
    std::string collection; ///< `*`: every collection that the role does not name for the action
    Action action = Action::read;
    Reach reach;
};

struct Role {
    std::string name;
    std::vector<Grant> grants;
    std::array<bool, duty_count> duties{};
};

/// What one class of visitors may do. Those with equal rights have equal keys, and share answers.
///
/// Roles     of a visitor are joined. What none of them says anything of is as for the public.
/// Edit, personal   never go beyond what is read.
class Rights {
public:
    /// Nothing at all.
    Rights();
    Rights(std::span<Role const* const> roles, Role const& for_all);

    /// What a server gives everyone before anybody said otherwise: to read and to edit all that is
    /// not sensitive, and its figures.
    static Role open_to_all();

    /// Null: the collection is to the visitor as if it were not there, or not to be edited.
    [[nodiscard]] geo::Policy const* find(std::string_view collection,
                                          Action action) const noexcept;
    [[nodiscard]] bool may(Duty duty) const noexcept {
        return m_duties[static_cast<std::size_t>(duty)];
    }
    /// Whether anything may be done so in any collection.
    [[nodiscard]] bool may(Action action) const noexcept;
    [[nodiscard]] std::string const& key() const noexcept { return m_key; }

    /// Of these no more than the scopes say: `read`, `edit:parcels`, `audit`. Scopes that name
    /// nothing known give nothing.
    [[nodiscard]] Rights limited_to(std::span<std::string const> scopes) const;

private:
    using Policies = std::array<std::optional<geo::Policy>, action_count>;

    void make_key();
    [[nodiscard]] Policies const& policies(std::string_view collection) const noexcept;

    std::map<std::string, Policies, std::less<>> m_named;
    Policies m_others;
    std::array<bool, duty_count> m_duties{};
    std::string m_key;
};

/// Whether a text is a scope of a token: an action, perhaps with `:` and a collection, or a duty.
[[nodiscard]] bool is_token_scope(std::string_view text) noexcept;

} // namespace diaban::services::access
