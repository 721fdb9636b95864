#include "geo/cadastre/old_text.hpp"
#include "tests/fuzz/targets.hpp"

#include <string>
#include <vector>

/// Lines are texts of one file.
void diaban::tests::fuzz::cadastre_text(Bytes input) {
    using namespace geo::cadastre;
    std::vector<std::string> texts;
    for (auto rest = text_of(input); !rest.empty();) {
        auto const end = rest.find('\n');
        texts.emplace_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    auto const evidence = encoding_of(texts);
    require(evidence.samples.size() <= 5, "more samples than are shown");
    for (auto const encoding : {TextEncoding::unicode, TextEncoding::tcvn3, TextEncoding::vni})
        for (auto const& text : texts) static_cast<void>(decoded(text, encoding));
}
