#include "services/access/rights.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace diaban::services::access {

namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<std::string> together(std::vector<std::string> names,
                                  std::vector<std::string> const& others) {
    names.insert(names.end(), others.begin(), others.end());
    return sorted(std::move(names));
}

bool includes(std::vector<std::string> const& all, std::vector<std::string> const& some) {
    return std::ranges::includes(sorted(all), sorted(some));
}

template <std::size_t N>
std::optional<std::size_t> place_of(std::array<char const*, N> const& names,
                                    std::string_view name) noexcept {
    auto const at = std::ranges::find(names, name);
    if (at == names.end()) return std::nullopt;
    return static_cast<std::size_t>(at - names.begin());
}

/// What a role says of a collection; `*` asks for what it says of those that nobody names.
std::optional<Reach> reach_of(Role const& role, std::string_view collection, Action action) {
    std::optional<Reach> named;
    std::optional<Reach> others;
    for (auto const& grant : role.grants) {
        if (grant.action != action) continue;
        auto& reach = grant.collection == "*" ? others : named;
        if (grant.collection != "*" && grant.collection != collection) continue;
        reach = reach ? joined(*reach, grant.reach) : grant.reach;
    }
    return named ? named : others;
}

std::optional<Reach> reach_of(std::span<Role const* const> roles, Role const& for_all,
                              std::string_view collection, Action action) {
    std::optional<Reach> reach;
    for (auto const* const role : roles) {
        auto const more = reach_of(*role, collection, action);
        if (more) reach = reach ? joined(*reach, *more) : *more;
    }
    return reach ? reach : reach_of(for_all, collection, action);
}

} // namespace

std::optional<Action> action_named(std::string_view name) noexcept {
    auto const place = place_of(action_names, name);
    return place ? std::optional{static_cast<Action>(*place)} : std::nullopt;
}

std::optional<Duty> duty_named(std::string_view name) noexcept {
    auto const place = place_of(duty_names, name);
    return place ? std::optional{static_cast<Duty>(*place)} : std::nullopt;
}

bool Reach::holds(Reach const& other) const {
    return (everywhere || (!other.everywhere && includes(scopes, other.scopes))) &&
           level >= other.level && includes(other.masked, masked);
}

geo::Policy Reach::policy() const {
    return everywhere ? geo::Policy::everything(level, masked)
                      : geo::Policy::limited(scopes, level, masked);
}

Reach common(Reach const& a, Reach const& b) {
    Reach made{
        a.everywhere && b.everywhere, {}, std::min(a.level, b.level), together(a.masked, b.masked)};
    if (a.everywhere)
        made.scopes = b.scopes;
    else if (b.everywhere)
        made.scopes = a.scopes;
    else
        std::ranges::set_intersection(sorted(a.scopes), sorted(b.scopes),
                                      std::back_inserter(made.scopes));
    return made;
}

Reach joined(Reach const& a, Reach const& b) {
    if (a.holds(b)) return a;
    if (b.holds(a)) return b;
    Reach made{
        a.everywhere || b.everywhere, {}, std::min(a.level, b.level), together(a.masked, b.masked)};
    if (!made.everywhere) made.scopes = together(a.scopes, b.scopes);
    return made;
}

Rights::Rights() {
    make_key();
}

Rights::Rights(std::span<Role const* const> roles, Role const& for_all) {
    auto const fill = [&](Policies& policies, std::string_view collection) {
        auto const read = reach_of(roles, for_all, collection, Action::read);
        for (std::size_t i = 0; i < action_count; ++i) {
            auto const action = static_cast<Action>(i);
            auto reach = reach_of(roles, for_all, collection, action);
            if (!reach) continue;
            bool const within = action == Action::edit || action == Action::personal;
            if (within && !read) continue;
            policies[i] = (within ? common(*read, *reach) : *reach).policy();
        }
    };
    std::set<std::string> names;
    auto const add_names = [&](Role const& role) {
        for (auto const& grant : role.grants)
            if (grant.collection != "*") names.insert(grant.collection);
    };
    for (auto const* const role : roles) {
        add_names(*role);
        for (std::size_t i = 0; i < duty_count; ++i) m_duties[i] |= role->duties[i];
    }
    add_names(for_all);
    for (std::size_t i = 0; i < duty_count; ++i) m_duties[i] |= for_all.duties[i];
    for (auto const& name : names) fill(m_named[name], name);
    fill(m_others, "*");
    make_key();
}

Role Rights::open_to_all() {
    Role role{"public", {}, {}};
    Reach const open{true, {}, 0, {}};
    role.grants = {{"*", Action::read, open}, {"*", Action::edit, open}};
    role.duties[static_cast<std::size_t>(Duty::operate)] = true;
    return role;
}

Rights::Policies const& Rights::policies(std::string_view collection) const noexcept {
    auto const at = m_named.find(collection);
    return at == m_named.end() ? m_others : at->second;
}

geo::Policy const* Rights::find(std::string_view collection, Action action) const noexcept {
    auto const& policy = policies(collection)[static_cast<std::size_t>(action)];
    return policy ? &*policy : nullptr;
}

bool Rights::may(Action action) const noexcept {
    auto const place = static_cast<std::size_t>(action);
    return m_others[place].has_value() || std::ranges::any_of(m_named, [&](auto const& one) {
               return one.second[place].has_value();
           });
}

Rights Rights::limited_to(std::span<std::string const> scopes) const {
    auto limited = *this;
    auto const given = [&](std::string_view name, std::string_view collection) {
        return std::ranges::any_of(scopes, [&](std::string_view scope) {
            if (!scope.starts_with(name)) return false;
            auto const rest = scope.substr(name.size());
            return rest.empty() || (rest.front() == ':' && rest.substr(1) == collection);
        });
    };
    for (auto const& scope : scopes) { // a collection named here alone needs an entry of its own
        auto const colon = scope.find(':');
        if (colon != std::string::npos)
            limited.m_named.try_emplace(scope.substr(colon + 1), m_others);
    }
    auto const limit = [&](Policies& policies, std::string_view collection) {
        for (std::size_t i = 0; i < action_count; ++i)
            if (!given(action_names[i], collection)) policies[i].reset();
    };
    for (auto& [name, policies] : limited.m_named) limit(policies, name);
    limit(limited.m_others, "");
    for (std::size_t i = 0; i < duty_count; ++i)
        limited.m_duties[i] = m_duties[i] && given(duty_names[i], "");
    limited.make_key();
    return limited;
}

void Rights::make_key() {
    m_key.clear();
    auto const add = [&](std::string_view name, Policies const& policies) {
        m_key += std::to_string(name.size());
        m_key += ':';
        m_key += name;
        for (auto const& policy : policies) {
            auto const text = policy ? policy->key() : std::string{"-"};
            m_key += std::to_string(text.size());
            m_key += ':';
            m_key += text;
        }
    };
    for (auto const& [name, policies] : m_named) add(name, policies);
    add("*", m_others);
    for (bool const duty : m_duties) m_key += duty ? '1' : '0';
}

bool is_token_scope(std::string_view text) noexcept {
    if (duty_named(text)) return true;
    auto const colon = text.find(':');
    if (!action_named(text.substr(0, colon))) return false;
    return colon == std::string_view::npos || colon + 1 < text.size();
}

} // namespace diaban::services::access
