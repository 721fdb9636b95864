#include "geo/synthetic/land_use.hpp"

#include "geo/synthetic/random.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint64_t use = 300; // purposes of the hashed numbers
constexpr std::uint64_t plan = 301;

struct Choice {
    std::string_view code;
    double weight;
};

/// Metres from a block's middle to what decides its use.
struct Site {
    double settlement;
    double river;
    double coast;
    bool urban;
};

std::vector<Choice> settlement(Site const& at) {
    bool const core = at.settlement < 900;
    return {{at.urban ? "ODT" : "ONT", 60},
            {at.urban ? "ONT" : "ODT", at.urban ? 6.0 : 2.0},
            {"TMD", core ? 12.0 : 3.0},
            {"SKC", core ? 3.0 : 6.0},
            {"CLN", at.urban ? 8.0 : 20.0},
            {"HNK", at.urban ? 8.0 : 18.0},
            {"TSC", core ? 4.0 : 0.0},
            {"DGD", 3},
            {"DTT", 2},
            {"NTD", core ? 0.0 : 2.0},
            {"DGT", 1.5}};
}

std::vector<Choice> farmland(Site const& at) {
    bool const wet = at.river < 2'000 || at.coast < 6'000;
    bool const salt = at.coast < 3'000;
    return {{"LUC", wet ? 45.0 : 25.0},
            {"LUK", wet ? 15.0 : 20.0},
            {"HNK", 20},
            {"CLN", wet ? 10.0 : 25.0},
            {"NTS", salt ? 18.0 : (at.river < 600 ? 10.0 : 2.0)},
            {"LMU", salt ? 4.0 : 0.0},
            {"NKH", 3},
            {"CNT", 2},
            {"MNC", at.river < 1'000 ? 4.0 : 1.0},
            {"BCS", 2}};
}

std::vector<Choice> forest(Site const& at) {
    bool const shore = at.coast < 4'000; // casuarina belts
    return {{"RSX", shore ? 25.0 : 50.0},
            {"RPH", shore ? 50.0 : 25.0},
            {"RSN", 15},
            {"RDD", at.coast > 25'000 ? 12.0 : 2.0},
            {"CLN", 8},
            {"DCS", 5},
            {"NCS", at.coast > 25'000 ? 3.0 : 0.0}};
}

/// Hills are where coast, rivers and settlements are far; woods stand in the plain too.
std::vector<Choice> open_land(Site const& at) {
    bool const hills = at.coast > 14'000 && at.river > 1'500 && at.settlement > 1'500;
    if (hills) return forest(at);
    auto choices = farmland(at);
    choices.insert(choices.end(), {{"RSX", 14}, {"RPH", at.coast < 4'000 ? 14.0 : 4.0}});
    return choices;
}

constexpr std::array<std::string_view, 17> anywhere{"DTL", "PNK", "CGT", "DKV", "SKS", "DNL",
                                                    "DRA", "SON", "TVC", "DCK", "TON", "TIN",
                                                    "DDD", "SKN", "CQP", "DPC", "DBV"};

std::vector<Choice> choices(Tier tier, Site const& at) {
    switch (tier) {
    case Tier::settlement: return settlement(at);
    case Tier::farmland: return farmland(at);
    case Tier::open: return open_land(at);
    }
    return {};
}

using Uses = std::vector<std::string_view>;

std::string_view pick(std::vector<Choice> const& choices, Uses const& taken, double at) {
    auto const free = [&](std::string_view code) {
        return std::find(taken.begin(), taken.end(), code) == taken.end();
    };
    double sum = 0;
    for (auto const& choice : choices)
        if (free(choice.code)) sum += choice.weight;
    double left = at * sum;
    for (auto const& choice : choices) {
        if (choice.weight <= 0 || !free(choice.code)) continue;
        if (left < choice.weight) return choice.code;
        left -= choice.weight;
    }
    auto const other = std::find_if(anywhere.begin(), anywhere.end(), free);
    return other != anywhere.end() ? *other : anywhere.front();
}

/// Which block covers a smallest square.
class Squares {
public:
    explicit Squares(std::span<Block const> blocks) {
        for (std::uint32_t i = 0; i < blocks.size(); ++i) {
            Rect const& r = blocks[i].rect;
            for (std::int32_t v = r.v0; v < r.v1; v += block_step)
                for (std::int32_t u = r.u0; u < r.u1; u += block_step) m_block[key(u, v)] = i;
        }
    }

    /// Uses of the blocks that share an edge with `rect` and have one already.
    [[nodiscard]] Uses around(Rect const& rect, std::span<Block const> blocks) const {
        Uses uses;
        auto const look = [&](std::int32_t u, std::int32_t v) {
            auto const found = m_block.find(key(u, v));
            if (found != m_block.end() && !blocks[found->second].land_use.empty())
                uses.push_back(blocks[found->second].land_use);
        };
        for (std::int32_t u = rect.u0; u < rect.u1; u += block_step) {
            look(u, rect.v0 - block_step);
            look(u, rect.v1);
        }
        for (std::int32_t v = rect.v0; v < rect.v1; v += block_step) {
            look(rect.u0 - block_step, v);
            look(rect.u1, v);
        }
        return uses;
    }

private:
    static std::uint64_t key(std::int32_t u, std::int32_t v) noexcept {
        return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(v)) << 32) |
               static_cast<std::uint32_t>(u);
    }
    std::unordered_map<std::uint64_t, std::uint32_t> m_block;
};

/// One block in eight is to become something else.
std::string_view planned(Block const& block, std::uint64_t word) {
    constexpr std::array<std::string_view, 5> town{"ODT", "TMD", "DKV", "DGT", "SKC"};
    constexpr std::array<std::string_view, 4> field{"ONT", "SKN", "DGT", "NKH"};
    if (block.tier == Tier::open || unit(word) >= 0.125) return block.land_use;
    auto const kind = static_cast<std::size_t>(mix(word));
    return block.tier == Tier::settlement ? town[kind % town.size()] : field[kind % field.size()];
}

} // namespace

void choose_land_use(Landscape const& land, std::uint64_t seed, std::span<Block> blocks) {
    Squares const squares{blocks};
    for (auto& block : blocks) {
        Position const middle = land.place(block.rect.middle());
        Site const site{land.to_settlement(block.commune, middle), land.to_river(middle),
                        land.to_coast(middle), land.communes()[block.commune].urban()};
        auto const place = (static_cast<std::uint64_t>(block.rect.v0) << 32) |
                           static_cast<std::uint64_t>(block.rect.u0);
        block.land_use = pick(choices(block.tier, site), squares.around(block.rect, blocks),
                              unit(mix(seed, use, place)));
        block.planned_use = planned(block, mix(seed, plan, place));
    }
}

} // namespace diaban::geo::synthetic
