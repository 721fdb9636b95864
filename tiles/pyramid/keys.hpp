#pragma once

#include "geo/policy.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace diaban::tiles::pyramid {

/// What rows must have in common to be merged.
struct Key {
    std::string class_value; ///< as a tile holds it (mvt::encode_value); empty: no class
    std::string scope;
    std::uint8_t sensitivity = 0;

    friend auto operator<=>(Key const&, Key const&) = default;
};

/// Keys and their numbers. A number stays what it is; `rank` says where a key stands among all in
/// the order of their values, which does not depend on who came first.
class Keys {
public:
    std::uint32_t number(Key const& key);

    [[nodiscard]] std::size_t size() const noexcept { return m_keys.size(); }
    [[nodiscard]] Key const& operator[](std::uint32_t number) const noexcept {
        return *m_keys[number];
    }
    /// By number. Cost: one pass over the keys.
    [[nodiscard]] std::vector<std::uint32_t> ranks() const;
    /// By number: whether the policy sees rows of the key.
    [[nodiscard]] std::vector<bool> seen_by(geo::Policy const& policy) const;

    Keys() = default;
    Keys(Keys const& other);
    Keys& operator=(Keys const&) = delete;

private:
    std::map<Key, std::uint32_t> m_numbers;
    std::vector<Key const*> m_keys; // by number, in the map's nodes
};

} // namespace diaban::tiles::pyramid
