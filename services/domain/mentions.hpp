#pragma once

#include "services/domain/unit_lists.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// A unit of the present list that a text names.
struct Mention {
    ListedUnit const* unit = nullptr;
    std::string words;    ///< as they stand in the text
    double certainty = 0; ///< 0 to 1, by the rules of Mentions; no measured probability
};

/// Finds the names of units in texts of Vietnamese.
///
/// Names      whole, each syllable with a capital or a number, the longest where several begin at a
///            word; of one syllable only provinces, or where the kind of unit stands before it.
///            Names of former units are found too and stand for what they became, where that is
///            one unit.
/// Certainty  0.7 for a name with its marks, 0.4 without them; 0.25 more where the unit's own kind
///            stands before it (xã, phường, tỉnh …), 0.4 times where another does; 0.9 times by a
///            former name. Units of the same name share it, but those in a province that the text
///            names too take all of it, and so do those whose marks are the text's.
/// Bounds     the first 8,000 bytes; 20 units, the surest first.
/// Cost       grows with the text: about 20 microseconds a kilobyte.
/// Threads    immutable once built. Keeps the lists alive.
class Mentions {
public:
    static constexpr std::size_t most_bytes = 8000;
    static constexpr std::size_t most_found = 20;

    using Seen = std::function<bool(ListedUnit const&)>;

    explicit Mentions(std::shared_ptr<UnitLists const> lists);

    [[nodiscard]] std::vector<Mention> find(std::string_view text, Seen const& seen) const;

private:
    struct Name {
        std::uint32_t unit = 0; ///< of the present list
        std::string lower;      ///< with its marks
        std::string kind;       ///< of the unit that is called so, folded: xa, thi tran, tinh
        bool former = false;
    };
    struct Word;
    struct Hit;

    /// Names that begin at a word, the longest.
    struct Named {
        std::vector<Name> const* names = nullptr; ///< null: none does
        std::size_t count = 0;                    ///< of words
    };

    static std::string joined_words(std::vector<Word> const& words, std::size_t first,
                                    std::size_t count, std::string Word::*which);
    static std::vector<Word> words_of(std::string_view text);
    /// The kind of unit that is written before a word, folded; empty: none.
    static std::string_view kind_before(std::vector<Word> const& words, std::size_t at);
    /// How many words from this one on are a kind with its marks; 0: none.
    static std::size_t kind_at(std::vector<Word> const& words, std::size_t at);
    [[nodiscard]] Named name_at(std::vector<Word> const& words, std::size_t at,
                                std::string_view kind) const;
    void add(Vintage vintage, std::uint32_t unit, std::uint32_t present);
    [[nodiscard]] std::vector<Hit> hits_in(std::string_view text,
                                           std::vector<Word> const& words) const;
    [[nodiscard]] std::vector<Mention> weighed(std::vector<Hit> const& hits,
                                               Seen const& seen) const;

    std::shared_ptr<UnitLists const> m_lists;
    std::unordered_map<std::string, std::vector<Name>> m_names; ///< by folded name
    std::size_t m_longest = 1;                                  ///< words of the longest name
};

} // namespace diaban::services::domain
