#include "services/domain/similar_text.hpp"

#include "geo/filter/fold.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <vector>

namespace diaban::services::domain {

namespace {

/// Triples of the bytes of each word, two blanks before it and one behind; each once, in order.
std::vector<std::string> triples(std::string_view text) {
    std::string cased;
    std::string folded;
    geo::filter::fold_case(text, cased);
    geo::filter::fold_accents(cased, folded);
    std::vector<std::string> found;
    std::string word;
    auto const end_word = [&] {
        if (word.empty()) return;
        auto const padded = "  " + word + " ";
        for (std::size_t i = 0; i + 3 <= padded.size(); ++i) found.push_back(padded.substr(i, 3));
        word.clear();
    };
    for (char const c : folded)
        if (static_cast<unsigned char>(c) >= 0x80 ||
            std::isalnum(static_cast<unsigned char>(c)) != 0)
            word += c;
        else
            end_word();
    end_word();
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

} // namespace

double text_likeness(std::string_view a, std::string_view b) {
    auto const of_a = triples(a);
    auto const of_b = triples(b);
    std::vector<std::string> both;
    std::ranges::set_intersection(of_a, of_b, std::back_inserter(both));
    auto const all = of_a.size() + of_b.size() - both.size();
    return all == 0 ? 0 : double(both.size()) / double(all);
}

} // namespace diaban::services::domain
