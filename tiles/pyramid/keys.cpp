#include "tiles/pyramid/keys.hpp"

namespace diaban::tiles::pyramid {

Keys::Keys(Keys const& other) {
    for (auto const* key : other.m_keys) number(*key);
}

std::uint32_t Keys::number(Key const& key) {
    auto const [entry, is_new] = m_numbers.emplace(key, std::uint32_t(m_keys.size()));
    if (is_new) m_keys.push_back(&entry->first);
    return entry->second;
}

std::vector<std::uint32_t> Keys::ranks() const {
    std::vector<std::uint32_t> ranks(m_keys.size());
    std::uint32_t rank = 0;
    for (auto const& [key, number] : m_numbers) ranks[number] = rank++;
    return ranks;
}

std::vector<bool> Keys::seen_by(geo::Policy const& policy) const {
    std::vector<bool> seen;
    for (auto const* key : m_keys) seen.push_back(policy.sees(key->scope, key->sensitivity));
    return seen;
}

} // namespace diaban::tiles::pyramid
