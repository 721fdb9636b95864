#pragma once

#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/rounds.hpp"
#include "services/domain/unit_lists.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// What is typed for a name, ready to be compared: lower case without accents, abbreviations of
/// kinds written out (tp. x. p. tt. tx. q. h. t.), no blanks, no zeros before a number.
[[nodiscard]] std::string typed_form(std::string_view text);

/// The same without the kind that each part between commas begins with: kinds change more often
/// than names.
[[nodiscard]] std::string without_kinds(std::string_view text);

/// One thing that has a name.
struct Named {
    std::string collection;
    std::int64_t fid = 0;
    std::string_view field; ///< where the name stands
    std::string name;       ///< full, as written
    std::string scope;
    std::uint8_t sensitivity = 0;
    PlaceIndex::Entry const* unit = nullptr; ///< of places
    std::vector<std::string> forms;          ///< how it may be typed; the first is the whole
    int rank = 0;                            ///< of equals the least comes first
};

/// A name found.
struct NameMatch {
    Named const* named = nullptr;
    unsigned errors = 0; ///< typing errors: letters wrong, missing, too many or exchanged
    bool begins = false; ///< what was typed is but the beginning of it
    bool rare = false;   ///< of its number of errors a less likely kind
};

/// Names of units of both lists, roads and facilities, to be found with typing errors.
///
/// Method   names share runs of three letters with what is typed; those that share most are
///          compared with it by the optimal string alignment distance, in each form it may be
///          typed in: with and without kind, district and province.
/// Order    fewest errors; of equals a whole name before a beginning, the likelier error before the
///          rarer, what exists before what does not, province before district before commune before
///          other things.
/// Bounds   at most 200,000 names; collections beyond that are left out, and said by `left_out`.
/// Cost     a look-up over 15,000 units: about a millisecond.
/// Threads  immutable once built. Keeps the views alive.
class Gazetteer {
public:
    using PolicyOf = std::function<geo::Policy const*(std::string_view)>;
    using Wanted = std::function<bool(Named const&)>;

    explicit Gazetteer(std::vector<std::shared_ptr<View const>> views);

    /// At most `limit` names within `most_errors` of what is typed, that the policies let be seen.
    /// `policy` gives that of a collection; null where the visitor does not see it.
    [[nodiscard]] std::vector<NameMatch> find(std::string_view typed, std::size_t limit,
                                              unsigned most_errors, PolicyOf const& policy,
                                              Wanted const& wanted = {}) const;

    [[nodiscard]] std::size_t size() const noexcept { return m_names.size(); }
    [[nodiscard]] std::vector<std::string> const& left_out() const noexcept { return m_left_out; }
    [[nodiscard]] std::vector<std::shared_ptr<View const>> const& views() const noexcept {
        return m_views;
    }

private:
    [[nodiscard]] std::vector<NameMatch> find_form(std::string const& typed, std::string_view text,
                                                   std::size_t limit, unsigned most_errors,
                                                   PolicyOf const& policy,
                                                   Wanted const& wanted) const;
    void add_units(View const& places);
    void add_features(View const& view);
    void index();

    std::vector<std::shared_ptr<View const>> m_views;
    std::vector<Named> m_names;
    std::vector<std::string> m_left_out;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> m_grams;
    std::unordered_map<std::string, std::vector<std::uint32_t>> m_codes;
};

/// Keeps a gazetteer of the picture's names, made beforehand: nobody waits for it once there is
/// one.
///
/// Anew     some tenths of a second after a collection of names changed; until then answers are of
///          the former. No more than a tenth of one processor's time goes into it.
/// Threads  any number may ask; one of its own makes it.
class GazetteerKeeper {
public:
    using PictureOf = std::function<std::shared_ptr<Picture const>()>;
    using Prepare = std::function<void(Picture const&)>;

    /// `prepare` is called after each making, for what else is to be there before it is asked for.
    GazetteerKeeper(PictureOf picture, Prepare prepare);

    /// Made at once where there is none yet.
    [[nodiscard]] std::shared_ptr<Gazetteer const> take();

private:
    void keep();
    [[nodiscard]] std::shared_ptr<Gazetteer const> former();
    std::shared_ptr<Gazetteer const> make(Picture const& picture);

    PictureOf m_picture;
    Prepare m_prepare;
    std::mutex m_making;
    std::mutex m_mutex;
    std::shared_ptr<Gazetteer const> m_made;
    Rounds m_rounds{"names"}; ///< last: ends before what it uses
};

/// Optimal string alignment distance (Damerau and Levenshtein with adjacent exchanges, no letter
/// touched twice), at most `bound` + 1.
[[nodiscard]] unsigned alignment_distance(std::string_view a, std::string_view b, unsigned bound);

} // namespace diaban::services::domain
