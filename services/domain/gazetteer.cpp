#include "services/domain/gazetteer.hpp"

#include "services/domain/fold.hpp"
#include "services/domain/time_fields.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

namespace diaban::services::domain {

namespace {

/// No more than a tenth of one processor's time.
constexpr Rest beforehand{std::chrono::milliseconds{100}, 9};
constexpr std::size_t most_names = 200'000;
constexpr std::size_t most_typed = 120; ///< letters that are compared
constexpr std::size_t most_compared = 200;

/// Kinds as they are abbreviated.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kinds{{
    {"tp", "thanh pho"},
    {"x", "xa"},
    {"p", "phuong"},
    {"tt", "thi tran"},
    {"tx", "thi xa"},
    {"q", "quan"},
    {"h", "huyen"},
    {"t", "tinh"},
    {"dk", "dac khu"},
    {"ql", "quoc lo"},
}};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool is_number(std::string_view word) {
    return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// "x.camdue" is folded to "x camdue"; "p12" to "phuong 12".
void append_word(std::string& out, std::string_view word, bool last) {
    if (is_number(word)) {
        auto const first = word.find_first_not_of('0');
        out += first == std::string_view::npos ? std::string_view{"0"} : word.substr(first);
        return;
    }
    auto const digit = word.find_first_of("0123456789");
    auto const letters = word.substr(0, digit);
    for (auto const& [abbreviation, kind] : kinds)
        if (letters == abbreviation && (!last || digit != std::string_view::npos)) {
            append_word(out, kind.substr(0, kind.find(' ')), false);
            if (auto const gap = kind.find(' '); gap != std::string_view::npos)
                out += kind.substr(gap + 1);
            if (digit != std::string_view::npos) append_word(out, word.substr(digit), last);
            return;
        }
    out += word;
}

std::uint32_t gram_at(std::string_view text, std::size_t at) {
    auto const letter = [&](std::size_t i) {
        return std::uint32_t(static_cast<unsigned char>(text[i]));
    };
    return letter(at) << 16 | letter(at + 1) << 8 | letter(at + 2);
}

/// Runs of three letters, each once; a shorter text is one itself.
std::vector<std::uint32_t> grams_of(std::string_view text) {
    std::vector<std::uint32_t> grams;
    std::string padded;
    if (text.size() < 3) {
        padded = std::string{text} + std::string(3 - text.size(), '$');
        text = padded;
    }
    for (std::size_t i = 0; i + 3 <= text.size(); ++i) grams.push_back(gram_at(text, i));
    std::ranges::sort(grams);
    auto const again = std::ranges::unique(grams);
    grams.erase(again.begin(), again.end());
    return grams;
}

/// A name as it may be typed, alone and with what holds it. The longest first: it is indexed.
std::vector<std::string> forms_of(PlaceIndex::Entry const& entry, PlaceIndex::Entry const* district,
                                  PlaceIndex::Entry const* province) {
    std::vector<std::string> heads{typed_form(entry.place.full_name), typed_form(entry.place.name)};
    std::vector<std::string> tails;
    auto const add = [&](PlaceIndex::Entry const* a, PlaceIndex::Entry const* b, bool full) {
        std::string tail;
        for (auto const* const one : {a, b})
            if (one != nullptr) tail += typed_form(full ? one->place.full_name : one->place.name);
        if (std::ranges::find(tails, tail) == tails.end()) tails.push_back(tail);
    };
    add(district, province, true);
    add(district, province, false);
    add(nullptr, province, true);
    add(nullptr, province, false);
    add(district, nullptr, true);
    add(district, nullptr, false);
    add(nullptr, nullptr, false);
    std::vector<std::string> forms;
    for (auto const& tail : tails)
        for (auto const& head : heads) {
            auto form = head + tail;
            if (std::ranges::find(forms, form) == forms.end()) forms.push_back(std::move(form));
        }
    return forms;
}

int rank_of(PlaceIndex::Entry const& entry, geo::Date today) {
    int const level = entry.place.level == "province" ? 0 : entry.place.level == "district" ? 1 : 2;
    return existed(entry.place, today) ? level : level + 3;
}

struct Distance {
    unsigned errors = 0;
    bool begins = false;
    bool rare = false; ///< a letter wrong or too many, of the 26 there are
};

/// A letter missing and two exchanged can each happen in one way at a place, a wrong letter or one
/// too many in 25: of equal distances the former are likelier by that.
bool is_rare(std::string_view typed, std::string_view form) {
    if (typed.size() != form.size()) return typed.size() > form.size();
    std::string a{typed};
    std::string b{form};
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a != b;
}

/// The least over the forms; a beginning of at least four letters is found too.
Distance distance(std::string_view typed, std::vector<std::string> const& forms, unsigned bound) {
    Distance best{bound + 1, false, false};
    for (auto const& form : forms) {
        auto const errors = alignment_distance(typed, form, std::min(bound, best.errors));
        if (errors > bound || errors > best.errors) continue;
        bool const rare = errors > 0 && is_rare(typed, form);
        if (errors < best.errors || !rare) best = {errors, false, rare};
        if (errors == 0) return best;
    }
    constexpr std::size_t fewest_letters = 4;
    if (typed.size() >= fewest_letters)
        for (auto const& form : forms)
            if (form.size() > typed.size() && form.starts_with(typed)) return {0, true, false};
    return best;
}

geo::Field const* name_field(geo::Schema const& schema) {
    for (auto const& field : schema.fields)
        if (field.tile && !field.personal && field.type == geo::FieldType::text &&
            (field.name == schema.label_field || field.name == "name"))
            return &field;
    return nullptr;
}

/// Collections whose rows lie somewhere and are called something.
std::vector<std::shared_ptr<View const>> views_of_names(Picture const& picture) {
    std::vector<std::shared_ptr<View const>> views;
    for (auto const& view : picture.views)
        if (view->places || (view->has_geometry() && name_field(view->layer->schema()) != nullptr))
            views.push_back(view);
    return views;
}

} // namespace

std::string typed_form(std::string_view text) {
    auto const folded = fold(text);
    auto const words = words_of(folded);
    std::string form;
    for (std::size_t i = 0; i < words.size(); ++i)
        append_word(form, words[i], i + 1 == words.size());
    return form;
}

std::string without_kinds(std::string_view text) {
    std::string form;
    for (bool more = true; more;) {
        auto const comma = text.find(',');
        auto part = typed_form(text.substr(0, comma));
        for (auto const& [abbreviation, kind] : kinds) {
            auto const word = typed_form(std::string{kind} + " x");
            std::string_view const bare{word.data(), word.size() - 1};
            if (part.size() > bare.size() && part.starts_with(bare)) {
                part.erase(0, bare.size());
                break;
            }
        }
        form += part;
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);
    }
    return form;
}

unsigned alignment_distance(std::string_view a, std::string_view b, unsigned bound) {
    if (a.size() > most_typed || b.size() > most_typed) return bound + 1;
    if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > bound) return bound + 1;
    std::array<std::array<unsigned, most_typed + 1>, 3> rows{};
    for (unsigned j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (unsigned i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        auto const& above = rows[(i + 2) % 3];
        auto const& before = rows[(i + 1) % 3];
        row[0] = i;
        unsigned least = i;
        for (unsigned j = 1; j <= b.size(); ++j) {
            bool const same = a[i - 1] == b[j - 1];
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
            least = std::min(least, row[j]);
        }
        if (least > bound) return bound + 1;
    }
    return std::min(rows[a.size() % 3][b.size()], bound + 1);
}

Gazetteer::Gazetteer(std::vector<std::shared_ptr<View const>> views) : m_views{std::move(views)} {
    for (auto const& view : m_views)
        if (view->places)
            add_units(*view);
        else
            add_features(*view);
    index();
}

void Gazetteer::add_units(View const& places) {
    auto const today = local_today();
    std::unordered_map<std::string_view, std::vector<PlaceIndex::Entry const*>> by_code;
    for (auto const& entry : places.places->entries()) by_code[entry.place.code].push_back(&entry);
    auto const holder = [&](std::string_view code,
                            data::model::Place const& of) -> PlaceIndex::Entry const* {
        auto const found = by_code.find(code);
        if (code.empty() || found == by_code.end()) return nullptr;
        for (auto const* const entry : found->second)
            if (!of.valid_from || existed(entry->place, *of.valid_from)) return entry;
        return found->second.front();
    };
    for (auto const& entry : places.places->entries()) {
        auto const& place = entry.place;
        auto const* const district = holder(place.district_code, place);
        auto const* const province = holder(place.province_code, place);
        m_names.push_back({"places", place.fid, "full_name", place.full_name, entry.scope,
                           entry.sensitivity, &entry,
                           forms_of(entry, district == &entry ? nullptr : district,
                                    province == &entry ? nullptr : province),
                           rank_of(entry, today)});
        m_codes[place.code].push_back(std::uint32_t(m_names.size() - 1));
    }
}

void Gazetteer::add_features(View const& view) {
    auto const* const field = name_field(view.layer->schema());
    if (field == nullptr || view.id() == "parcels") return;
    std::size_t rows = 0;
    for (auto const& live : view.layer->runs()) rows += live.living();
    if (m_names.size() + rows > most_names) {
        m_left_out.push_back(view.id());
        return;
    }
    for (auto const& live : view.layer->runs()) {
        auto const column = std::ranges::find(live.run->columns, field->name,
                                              [](auto const& one) { return one.field->name; });
        for (std::uint32_t row = 0; row < live.run->size(); ++row) {
            auto const code = column->codes[row];
            if (code == 0 || !live.is_alive(row)) continue;
            auto const value = tiles::mvt::decode_value(live.run->tile_values[column->places[code]],
                                                        geo::FieldType::text);
            auto const& of = live.run->class_table[live.run->classes[row]];
            std::string name{std::get<std::string_view>(value)};
            auto form = typed_form(name);
            if (form.empty()) continue;
            m_names.push_back({view.id(),
                               live.run->fids[row],
                               field->name,
                               std::move(name),
                               of.scope,
                               of.sensitivity,
                               nullptr,
                               {std::move(form)},
                               6});
        }
    }
}

void Gazetteer::index() {
    for (std::uint32_t i = 0; i < m_names.size(); ++i) {
        std::vector<std::uint32_t> grams;
        for (auto const& form : m_names[i].forms)
            for (auto const gram : grams_of(form)) grams.push_back(gram);
        std::ranges::sort(grams);
        auto const again = std::ranges::unique(grams);
        grams.erase(again.begin(), again.end());
        for (auto const gram : grams) m_grams[gram].push_back(i);
    }
}

std::vector<NameMatch> Gazetteer::find(std::string_view text, std::size_t limit,
                                       unsigned most_errors, PolicyOf const& policy,
                                       Wanted const& wanted) const {
    auto found = find_form(typed_form(text), text, limit, most_errors, policy, wanted);
    if (found.empty())
        found = find_form(without_kinds(text), text, limit, most_errors, policy, wanted);
    if (found.empty()) { // a letter that stands alone may be what an error left of a word
        auto letters = fold(text);
        std::erase(letters, ' ');
        found = find_form(letters, text, limit, most_errors, policy, wanted);
    }
    return found;
}

std::vector<NameMatch> Gazetteer::find_form(std::string const& typed, std::string_view text,
                                            std::size_t limit, unsigned most_errors,
                                            PolicyOf const& policy, Wanted const& wanted) const {
    std::vector<NameMatch> found;
    if (typed.empty() || typed.size() > most_typed) return found;
    auto const may = [&](Named const& named) {
        auto const* const theirs = policy(named.collection);
        return theirs != nullptr && theirs->sees(named.scope, named.sensitivity) &&
               theirs->sees_field(named.field) && (!wanted || wanted(named));
    };
    std::string const code{fold(text)};
    if (auto const coded = m_codes.find(code); coded != m_codes.end())
        for (auto const at : coded->second)
            if (may(m_names[at])) found.push_back({&m_names[at], 0, false, false});
    std::vector<std::uint16_t> shared(m_names.size());
    std::vector<std::uint32_t> touched;
    for (auto const gram : grams_of(typed))
        if (auto const at = m_grams.find(gram); at != m_grams.end())
            for (auto const name : at->second)
                if (shared[name]++ == 0) touched.push_back(name);
    std::uint16_t most_shared = 0;
    for (auto const name : touched) most_shared = std::max(most_shared, shared[name]);
    // What shares less than half of what the best does is no rival of it.
    std::erase_if(touched, [&](auto name) { return 2 * shared[name] < most_shared; });
    auto const count = std::min(most_compared, touched.size());
    auto const mid = touched.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(touched.begin(), mid, touched.end(), [&](auto a, auto b) {
        return std::tuple{-int(shared[a]), m_names[a].rank, a} <
               std::tuple{-int(shared[b]), m_names[b].rank, b};
    });
    for (auto at = touched.begin(); at != mid; ++at) {
        auto const& named = m_names[*at];
        if (!may(named)) continue;
        auto const [errors, begins, rare] = distance(typed, named.forms, most_errors);
        if (errors <= most_errors) found.push_back({&named, errors, begins, rare});
    }
    std::ranges::stable_sort(found, {}, [](NameMatch const& match) {
        return std::tuple{match.errors, match.begins, match.rare, match.named->rank};
    });
    if (found.size() > limit) found.resize(limit);
    return found;
}

GazetteerKeeper::GazetteerKeeper(PictureOf picture, Prepare prepare)
    : m_picture{std::move(picture)}, m_prepare{std::move(prepare)} {
    m_rounds.start(beforehand, [this](std::stop_token const&) { keep(); });
}

std::shared_ptr<Gazetteer const> GazetteerKeeper::former() {
    std::lock_guard const lock{m_mutex};
    return m_made;
}

std::shared_ptr<Gazetteer const> GazetteerKeeper::take() {
    if (auto made = former()) return made;
    return make(*m_picture());
}

std::shared_ptr<Gazetteer const> GazetteerKeeper::make(Picture const& picture) {
    auto views = views_of_names(picture);
    std::lock_guard const making{m_making};
    if (auto made = former(); made && made->views() == views) return made;
    auto made = std::make_shared<Gazetteer const>(std::move(views));
    std::lock_guard const lock{m_mutex};
    m_made = made;
    return made;
}

void GazetteerKeeper::keep() {
    auto const picture = m_picture();
    auto const known = former();
    if (!picture->registry_read || !picture->waiting.empty()) return;
    if (known && known->views() == views_of_names(*picture)) return;
    make(*picture);
    m_prepare(*picture);
}

} // namespace diaban::services::domain
