#include "services/domain/mentions.hpp"

#include "geo/filter/fold.hpp"
#include "services/domain/fold.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace diaban::services::domain {

namespace {

constexpr double with_marks = 0.7;
constexpr double without_marks = 0.4;
constexpr double kind_agrees = 0.25;
constexpr double kind_differs = 0.4;
constexpr double by_former_name = 0.9;
constexpr double least_told = 0.1;

/// A kind of unit as it is written before names.
struct Kind {
    std::string_view marked; ///< in small letters
    std::string_view folded;
    std::string_view stands_for;
};
constexpr std::array<Kind, 11> kinds{{{"xã", "xa", "xa"},
                                      {"phường", "phuong", "phuong"},
                                      {"thị trấn", "thi tran", "thi tran"},
                                      {"đặc khu", "dac khu", "dac khu"},
                                      {"huyện", "huyen", "huyen"},
                                      {"quận", "quan", "quan"},
                                      {"thị xã", "thi xa", "thi xa"},
                                      {"thành phố", "thanh pho", "thanh pho"},
                                      {"tỉnh", "tinh", "tinh"},
                                      {"tp", "tp", "thanh pho"},
                                      {"tx", "tx", "thi xa"}}};

std::string lower(std::string_view text) {
    std::string small;
    geo::filter::lower_case(text, small);
    return small;
}

std::size_t count_words(std::string_view folded) {
    return std::size_t(std::ranges::count(folded, ' ')) + 1;
}

/// Bytes of an apostrophe that begins here; 0: none does.
std::size_t apostrophe(std::string_view text, std::size_t at) {
    constexpr std::string_view curved = "\u2019";
    if (text[at] == '\'') return 1;
    return text.substr(at).starts_with(curved) ? curved.size() : 0;
}

/// A letter's bytes are those of letters; of other signs beyond ASCII only dashes and quotes of
/// U+2000 to U+206F are met in texts.
bool is_sign(std::string_view text, std::size_t at) {
    auto const byte = static_cast<unsigned char>(text[at]);
    if (byte == 0xE2 && at + 1 < text.size()) {
        auto const next = static_cast<unsigned char>(text[at + 1]);
        return next == 0x80 || next == 0x81;
    }
    bool const letter = byte >= 0x80 || (byte >= '0' && byte <= '9') ||
                        (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    return !letter;
}

/// The word that begins here, an apostrophe between letters written plainly (Ea H'Leo); `at` is put
/// behind it.
std::string word_at(std::string_view text, std::size_t& at) {
    std::string word;
    while (at < text.size()) {
        if (auto const inner = apostrophe(text, at);
            inner > 0 && at + inner < text.size() && !is_sign(text, at + inner)) {
            word += '\'';
            at += inner;
        } else if (is_sign(text, at)) {
            break;
        } else {
            word += text[at++];
        }
    }
    return word;
}

bool is_number(std::string_view word) {
    return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

struct Mentions::Word {
    std::size_t begin = 0; ///< bytes
    std::size_t end = 0;
    std::string marked; ///< in small letters
    std::string folded;
    bool capital = false;
    bool joined = false; ///< nothing but blanks and a hyphen stand before it
};

struct Mentions::Hit {
    std::vector<Name> const* names = nullptr;
    std::string words; ///< as written
    std::string kind;  ///< that stands before it, folded; empty: none
};

std::string Mentions::joined_words(std::vector<Word> const& words, std::size_t first,
                                   std::size_t count, std::string Word::*which) {
    std::string joined;
    for (auto i = first; i < first + count; ++i)
        joined += (joined.empty() ? "" : " ") + words[i].*which;
    return joined;
}

std::vector<Mentions::Word> Mentions::words_of(std::string_view text) {
    std::vector<Word> words;
    bool joined = false;
    for (std::size_t at = 0; at < text.size();) {
        if (is_sign(text, at)) {
            joined &= text[at] == ' ' || text[at] == '-' || text[at] == '.';
            // A full stop joins only what is abbreviated: TP.Huế.
            if (text[at] == '.' && at + 1 < text.size() && text[at + 1] == ' ') joined = false;
            at += static_cast<unsigned char>(text[at]) >= 0x80 ? 3 : 1;
            continue;
        }
        auto const begin = at;
        auto const word = word_at(text, at);
        auto marked = lower(word);
        bool const capital = marked != word || is_number(word); // Phường Hà Giang 2
        words.push_back({begin, at, std::move(marked), fold(word), capital, joined});
        joined = true;
    }
    return words;
}

Mentions::Mentions(std::shared_ptr<UnitLists const> lists) : m_lists{std::move(lists)} {
    auto const present = m_lists->units(Vintage::present);
    for (std::uint32_t unit = 0; unit < present.size(); ++unit) add(Vintage::present, unit, unit);
    auto const former = m_lists->units(Vintage::former);
    for (std::uint32_t unit = 0; unit < former.size(); ++unit) {
        auto const became = m_lists->relatives(Vintage::former, unit);
        if (became.size() == 1) add(Vintage::former, unit, became.front().unit);
    }
}

void Mentions::add(Vintage vintage, std::uint32_t unit, std::uint32_t present) {
    auto const& place = m_lists->units(vintage)[unit].place();
    auto const name = fold(place.name);
    auto const full = fold(place.full_name);
    if (name.empty()) return;
    std::string kind;
    if (full.size() > name.size() + 1 && full.ends_with(" " + name))
        kind = full.substr(0, full.size() - name.size() - 1);
    auto& names = m_names[name];
    bool const former = vintage == Vintage::former;
    // A unit that goes on under its name is found once.
    if (former && std::ranges::any_of(names, [&](Name const& one) {
            return one.unit == present && one.kind == kind;
        }))
        return;
    names.push_back({present, lower(place.name), std::move(kind), former});
    m_longest = std::max(m_longest, count_words(name));
}

std::string_view Mentions::kind_before(std::vector<Word> const& words, std::size_t at) {
    std::string_view kind;
    for (auto const& one : kinds) {
        auto const count = count_words(one.folded);
        if (at < count || !words[at].joined) continue;
        if (joined_words(words, at - count, count, &Word::folded) == one.folded)
            kind = one.stands_for;
    }
    return kind;
}

std::size_t Mentions::kind_at(std::vector<Word> const& words, std::size_t at) {
    std::size_t longest = 0;
    for (auto const& one : kinds) {
        auto const count = count_words(one.marked);
        if (at + count < words.size() && words[at + count].joined &&
            joined_words(words, at, count, &Word::marked) == one.marked)
            longest = std::max(longest, count);
    }
    return longest;
}

Mentions::Named Mentions::name_at(std::vector<Word> const& words, std::size_t at,
                                  std::string_view kind) const {
    Named named;
    std::string name;
    for (std::size_t i = at; i < words.size() && i - at < m_longest; ++i) {
        if (!words[i].capital || (i > at && !words[i].joined)) break;
        name += (name.empty() ? "" : " ") + words[i].folded;
        auto const known = m_names.find(name);
        if (known == m_names.end()) continue;
        bool const province = std::ranges::any_of(known->second, [](Name const& one) {
            return one.kind == "tinh" || one.kind == "thanh pho";
        });
        if (i == at && kind.empty() && !province) continue;
        named = {&known->second, i + 1 - at};
    }
    return named;
}

std::vector<Mentions::Hit> Mentions::hits_in(std::string_view text,
                                             std::vector<Word> const& words) const {
    std::vector<Hit> hits;
    for (std::size_t at = 0; at < words.size();) {
        // What is a kind, with its marks, before a name is no part of a name: "Phường Thành Sen"
        // tells nothing of a "Phương Thành".
        if (auto const count = kind_at(words, at);
            count > 0 && name_at(words, at + count, kind_before(words, at + count)).count > 0) {
            at += count;
            continue;
        }
        auto const kind = kind_before(words, at);
        auto const [names, count] = name_at(words, at, kind);
        if (names != nullptr)
            hits.push_back({names,
                            std::string{text.substr(words[at].begin,
                                                    words[at + count - 1].end - words[at].begin)},
                            std::string{kind}});
        at += std::max<std::size_t>(count, 1);
    }
    return hits;
}

std::vector<Mention> Mentions::weighed(std::vector<Hit> const& hits, Seen const& seen) const {
    auto const units = m_lists->units(Vintage::present);
    auto const province_of = [&](std::uint32_t unit) {
        return units[unit].up[std::size_t(UnitLevel::province)];
    };
    std::set<std::uint32_t> provinces; // that are named
    for (auto const& hit : hits)
        for (auto const& name : *hit.names)
            if (units[name.unit].level == UnitLevel::province && hit.kind != "xa" &&
                hit.kind != "phuong")
                provinces.insert(name.unit);
    std::map<std::uint32_t, Mention> best;
    for (auto const& hit : hits) {
        auto const written = lower(hit.words);
        std::vector<std::pair<Name const*, double>> candidates;
        for (auto const& name : *hit.names) {
            if (!seen(units[name.unit])) continue;
            double certainty = written == name.lower ? with_marks : without_marks;
            if (!hit.kind.empty()) {
                if (hit.kind == name.kind)
                    certainty += kind_agrees;
                else
                    certainty *= kind_differs;
            }
            candidates.emplace_back(&name, name.former ? certainty * by_former_name : certainty);
        }
        // What its kind, and then its province, speaks for takes all.
        auto const keep_if_any = [&](auto const& wanted) {
            if (std::ranges::any_of(candidates, wanted))
                std::erase_if(candidates, [&](auto const& one) { return !wanted(one); });
        };
        if (!hit.kind.empty())
            keep_if_any([&](auto const& one) { return one.first->kind == hit.kind; });
        else
            keep_if_any([&](auto const& one) {
                return units[one.first->unit].level == UnitLevel::province;
            });
        keep_if_any([&](auto const& one) {
            auto const province = province_of(one.first->unit);
            return province && provinces.contains(*province);
        });
        keep_if_any([&](auto const& one) { return !one.first->former; });
        keep_if_any([&](auto const& one) { return written == one.first->lower; });
        for (auto const& [name, certainty] : candidates) {
            double const shared = certainty / double(candidates.size());
            auto& mention = best[name->unit];
            if (shared <= mention.certainty) continue;
            mention = {&units[name->unit], hit.words, shared};
        }
    }
    std::vector<Mention> found;
    for (auto& [unit, mention] : best)
        if (mention.certainty >= least_told) found.push_back(std::move(mention));
    std::ranges::stable_sort(found, std::greater{}, &Mention::certainty);
    if (found.size() > most_found) found.resize(most_found);
    return found;
}

std::vector<Mention> Mentions::find(std::string_view text, Seen const& seen) const {
    text = text.substr(0, most_bytes);
    return weighed(hits_in(text, words_of(text)), seen);
}

} // namespace diaban::services::domain
