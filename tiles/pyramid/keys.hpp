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

/// Where keys stand, by their numbers, in the order of their values: it does not depend on who came
/// first. Keys of one class stand together.
///
/// `ranks`    a key's place among all.
/// `classes`  the rank of the first key of the same class: equal for keys of one class.
/// `holders`  the same for keys of one scope and sensitivity.
struct KeyOrder {
    std::vector<std::uint32_t> ranks;
    std::vector<std::uint32_t> classes;
    std::vector<std::uint32_t> holders;
};

/// Keys and their numbers. A number stays what it is.
class Keys {
public:
    std::uint32_t number(Key const& key);

    [[nodiscard]] std::size_t size() const noexcept { return m_keys.size(); }
    [[nodiscard]] Key const& operator[](std::uint32_t number) const noexcept {
        return *m_keys[number];
    }
    /// By number. Cost: one pass over the keys.
    [[nodiscard]] KeyOrder order() const;
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
