#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo {

/// Who may see what: a set of scopes, a level and an attribute mask; an argument of every read.
///
/// A row is visible when its scope is in the set (or the set is everything) and its sensitivity is
/// at most the level. A masked field is absent from what is read, as if the schema lacked it.
class Policy {
public:
    /// Sees nothing.
    Policy() = default;
    /// Everything up to `level`, without the fields `masked`; 255: the policy of the record's own
    /// processes.
    static Policy everything(std::uint8_t level = 255, std::vector<std::string> masked = {}) {
        Policy policy;
        policy.m_all_scopes = true;
        policy.m_level = level;
        policy.m_masked = sorted(std::move(masked));
        policy.m_key = policy.make_key();
        return policy;
    }

    /// Only the named administrative units (codes), up to `level`, without the fields `masked`.
    static Policy limited(std::vector<std::string> scopes, std::uint8_t level,
                          std::vector<std::string> masked = {}) {
        Policy policy;
        policy.m_scopes = sorted(std::move(scopes));
        policy.m_level = level;
        policy.m_masked = sorted(std::move(masked));
        policy.m_key = policy.make_key();
        return policy;
    }

    [[nodiscard]] bool all_scopes() const noexcept { return m_all_scopes; }
    [[nodiscard]] std::vector<std::string> const& scopes() const noexcept { return m_scopes; }
    [[nodiscard]] std::uint8_t level() const noexcept { return m_level; }
    [[nodiscard]] bool sees_scope(std::string_view scope) const noexcept {
        return m_all_scopes || std::binary_search(m_scopes.begin(), m_scopes.end(), scope);
    }
    [[nodiscard]] bool sees(std::string_view scope, std::uint8_t sensitivity) const noexcept {
        return sensitivity <= m_level && sees_scope(scope);
    }
    [[nodiscard]] bool sees_field(std::string_view name) const noexcept {
        return !std::binary_search(m_masked.begin(), m_masked.end(), name);
    }

    [[nodiscard]] std::vector<std::string> const& masked() const noexcept { return m_masked; }

    /// Equal keys see equal rows and fields, others do not: what caches are keyed by.
    [[nodiscard]] std::string const& key() const noexcept { return m_key; }

private:
    /// Names stand with their lengths: no name can pass for two.
    [[nodiscard]] std::string make_key() const {
        std::string key = m_all_scopes ? "*" : "";
        auto const add = [&key](std::string const& name) {
            key.append(std::to_string(name.size())).append(":").append(name);
        };
        for (auto const& scope : m_scopes) add(scope);
        key += "/" + std::to_string(m_level) + "/";
        for (auto const& field : m_masked) add(field);
        return key;
    }
    static std::vector<std::string> sorted(std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    bool m_all_scopes = false;
    std::uint8_t m_level = 0;
    std::vector<std::string> m_scopes;
    std::vector<std::string> m_masked;
    std::string m_key = "/0/";
};

} // namespace diaban::geo
