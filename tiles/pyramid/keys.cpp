#include "tiles/pyramid/keys.hpp"

#include <string_view>
#include <utility>

namespace diaban::tiles::pyramid {

Keys::Keys(Keys const& other) {
    for (auto const* key : other.m_keys) number(*key);
}

std::uint32_t Keys::number(Key const& key) {
    auto const [entry, is_new] = m_numbers.emplace(key, std::uint32_t(m_keys.size()));
    if (is_new) m_keys.push_back(&entry->first);
    return entry->second;
}

KeyOrder Keys::order() const {
    KeyOrder order;
    for (auto* by_key : {&order.ranks, &order.classes, &order.holders})
        by_key->resize(m_keys.size());
    std::map<std::pair<std::string_view, std::uint8_t>, std::uint32_t> holders;
    std::uint32_t rank = 0;
    std::uint32_t class_begin = 0;
    std::string_view last_class;
    for (auto const& [key, number] : m_numbers) {
        if (key.class_value != last_class) class_begin = rank;
        last_class = key.class_value;
        order.ranks[number] = rank;
        order.classes[number] = class_begin;
        order.holders[number] =
            holders.try_emplace({key.scope, key.sensitivity}, rank).first->second;
        ++rank;
    }
    return order;
}

std::vector<bool> Keys::seen_by(geo::Policy const& policy) const {
    std::vector<bool> seen;
    for (auto const* key : m_keys) seen.push_back(policy.sees(key->scope, key->sensitivity));
    return seen;
}

} // namespace diaban::tiles::pyramid
