#include "tiles/pyramid/diffuse.hpp"

#include <algorithm>

namespace diaban::tiles::pyramid {
namespace {

/// How much more the content of the block itself counts than what is carried to it: too little
/// strews blocks about, too much lets a key's error wait far from where it arose.
constexpr std::int64_t own_weight = 1;

/// Row-major places of a side × side square along Hilbert's curve; side is a power of two.
std::vector<std::uint32_t> hilbert_order(std::uint32_t side) {
    std::vector<std::uint32_t> order(std::size_t{side} * side);
    for (std::uint32_t step = 0; step < order.size(); ++step) {
        // Warren, Hacker's Delight, 2nd ed., §16-2: from distance to place, quadrant by quadrant.
        std::uint32_t x = 0;
        std::uint32_t y = 0;
        std::uint32_t rest = step;
        for (std::uint32_t size = 1; size < side; size *= 2) {
            std::uint32_t const right = 1U & (rest / 2);
            std::uint32_t const upper = 1U & (rest ^ right);
            if (upper == 0) {
                if (right == 1) {
                    x = size - 1 - x;
                    y = size - 1 - y;
                }
                std::swap(x, y);
            }
            x += size * right;
            y += size * upper;
            rest /= 4;
        }
        order[step] = y * side + x;
    }
    return order;
}

/// The keys of a square, and their classes: place 0 is `none`, the others follow the ranks, so the
/// keys of one class stand together.
struct Palette {
    std::vector<std::uint32_t> keys;        // by place; [0] unused
    std::vector<std::uint32_t> classes;     // by place
    std::vector<std::uint32_t> class_begin; // places; one entry past the last

    Palette(Shares const& shares, Keys const& all, std::span<std::uint32_t const> ranks) {
        std::vector<std::uint32_t> found;
        for (auto const& share : shares.shares) found.push_back(share.key);
        auto const before = [&](auto a, auto b) { return ranks[a] < ranks[b]; };
        std::sort(found.begin(), found.end(), before);
        found.erase(std::unique(found.begin(), found.end()), found.end());
        keys.push_back(0);
        keys.insert(keys.end(), found.begin(), found.end());
        classes.push_back(0);
        class_begin = {0, 1};
        for (std::size_t place = 1; place < keys.size(); ++place) {
            if (place > 1 && all[keys[place]].class_value != all[keys[place - 1]].class_value)
                class_begin.push_back(std::uint32_t(place));
            classes.push_back(std::uint32_t(class_begin.size() - 1));
        }
        if (keys.size() > 1) class_begin.push_back(std::uint32_t(keys.size()));
    }
    [[nodiscard]] std::size_t class_count() const noexcept { return class_begin.size() - 1; }
};

class Diffusion {
public:
    Diffusion(Shares const& shares, std::uint32_t side, Palette const& palette,
              std::span<std::uint32_t const> place_of)
        : m_shares{shares}, m_side{side}, m_palette{palette}, m_place_of{place_of},
          m_errors(palette.keys.size()), m_class_errors(palette.class_count()),
          m_own(palette.keys.size()), m_class_own(palette.class_count()),
          m_places(std::size_t{side} * side) {}

    std::vector<std::uint32_t> run() {
        for (auto const block : hilbert_order(m_side)) {
            take_in(block, 1);
            auto const chosen = best(m_class_errors, m_class_own, 0, m_class_errors.size());
            give(block, best(m_errors, m_own, m_palette.class_begin[chosen],
                             m_palette.class_begin[chosen + 1]));
            take_in(block, 0);
        }
        settle();
        return std::move(m_places);
    }

private:
    using Amounts = std::vector<std::int64_t>;

    /// Adds what the block holds to the errors (`times` 1) and to the block's own amounts; with
    /// `times` 0 it clears the latter.
    void take_in(std::uint32_t block, std::int64_t times) {
        std::int64_t rest = whole_block;
        auto const add = [&](std::size_t place, std::int64_t part) {
            m_errors[place] += part * times;
            m_class_errors[m_palette.classes[place]] += part * times;
            m_own[place] = part * times;
            auto& own = m_class_own[m_palette.classes[place]];
            own = times == 0 ? 0 : own + part;
        };
        for (auto const& share : m_shares.of(block)) {
            add(m_place_of[share.key], share.part);
            rest -= share.part;
        }
        add(0, std::max<std::int64_t>(rest, 0));
    }

    static std::size_t best(Amounts const& errors, Amounts const& own, std::size_t first,
                            std::size_t last) {
        auto winner = first;
        for (auto i = first + 1; i < last; ++i)
            if (errors[i] + own_weight * own[i] > errors[winner] + own_weight * own[winner])
                winner = i;
        return winner;
    }

    void give(std::uint32_t block, std::size_t place) {
        m_places[block] = std::uint32_t(place);
        m_errors[place] -= whole_block;
        m_class_errors[m_palette.classes[place]] -= whole_block;
    }

    /// While a class lacks a block or has one too many, the class that lacks most takes one from
    /// the class that has most too much. Each time the sum of all errors' sizes falls.
    void settle() {
        for (;;) {
            auto const [most, least] = std::minmax_element(
                m_class_errors.begin(), m_class_errors.end()); // most drawn, least drawn
            if (*least <= whole_block && *most >= -std::int64_t{whole_block}) return;
            if (!hand_over(std::size_t(most - m_class_errors.begin()),
                           std::size_t(least - m_class_errors.begin())))
                return;
        }
    }

    /// The block of class `from` in which class `to` has most goes to it. False if there is none.
    bool hand_over(std::size_t from, std::size_t to) {
        std::size_t chosen = m_places.size();
        std::int64_t most = -1;
        for (std::size_t block = 0; block < m_places.size(); ++block) {
            if (m_palette.classes[m_places[block]] != from) continue;
            std::int64_t part = 0;
            for (auto const& share : m_shares.of(block))
                if (m_palette.classes[m_place_of[share.key]] == to) part += share.part;
            if (part <= most) continue;
            most = part;
            chosen = block;
        }
        if (chosen == m_places.size()) return false;
        m_errors[m_places[chosen]] += whole_block;
        m_class_errors[from] += whole_block;
        auto const first = m_errors.begin() + m_palette.class_begin[to];
        auto const last = m_errors.begin() + m_palette.class_begin[to + 1];
        give(std::uint32_t(chosen), std::size_t(std::max_element(first, last) - m_errors.begin()));
        return true;
    }

    Shares const& m_shares;
    std::uint32_t m_side;
    Palette const& m_palette;
    std::span<std::uint32_t const> m_place_of; // by key
    Amounts m_errors;                          // by place: what is due and not drawn yet
    Amounts m_class_errors;
    Amounts m_own; // of the block under way
    Amounts m_class_own;
    std::vector<std::uint32_t> m_places; // by block
};

} // namespace

Drawn diffuse(Shares const& shares, std::uint32_t side, Keys const& keys,
              std::span<std::uint32_t const> ranks) {
    if (shares.empty()) return {};
    Palette const palette{shares, keys, ranks};
    thread_local std::vector<std::uint32_t> place_of;
    place_of.assign(keys.size(), 0);
    for (std::size_t place = 1; place < palette.keys.size(); ++place)
        place_of[palette.keys[place]] = std::uint32_t(place);
    auto const places = Diffusion{shares, side, palette, place_of}.run();

    std::vector<bool> used(palette.keys.size());
    for (auto const place : places) used[place] = true;
    std::vector<std::uint16_t> renumbered(palette.keys.size());
    Drawn drawn;
    for (std::size_t place = 1; place < used.size(); ++place) {
        if (!used[place]) continue;
        drawn.keys.push_back(palette.keys[place]);
        renumbered[place] = std::uint16_t(drawn.keys.size());
    }
    if (drawn.keys.empty()) return {};
    for (auto const place : places) drawn.blocks.push_back(renumbered[place]);
    return drawn;
}

} // namespace diaban::tiles::pyramid
