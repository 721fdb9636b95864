#pragma once

#include "data/model/collection.hpp"
#include "data/model/edit.hpp"
#include "data/model/field_pack.hpp"
#include "data/postgis/inspection_store.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Field packs: what is given out, and what comes back.
///
/// Pool     of Role::edit.
/// Policy   an argument of every read and write; a row that it does not see is as if it were not
///          there. Personal and masked fields never leave.
/// Throws   Error{unavailable, …}.
class PackStore {
public:
    /// Most rows of one return that differ from what was given.
    static constexpr std::size_t most_changes = 500;

    explicit PackStore(Pool& edit) : m_pool{edit} {}

    struct Collections {
        model::Collection const* cases = nullptr;
        model::Collection const* parcels = nullptr; ///< null: not seen
        model::Collection const* photos = nullptr;  ///< null: not seen
    };
    struct Policies {
        geo::Policy cases;
        geo::Policy parcels;
        geo::Policy photos;
    };
    /// The communes that a code means: itself, and those of before that went into it.
    [[nodiscard]] std::vector<std::string> communes_of(std::string const& code) const;
    /// Parcels in force, cases there (not closed), and their photos, as of one moment.
    /// Throws   Error{too_large, "pack-too-large"} beyond `model::most_pack_rows` parcels or cases.
    [[nodiscard]] model::PackContent content(model::PackArea const& area,
                                             Collections const& collections,
                                             Policies const& policies) const;
    /// The items of every checklist, as JSON, the newest first.
    [[nodiscard]] std::vector<std::string> checklists() const;
    /// Keeps which states of which cases the pack holds; once more for the same pack replaces.
    void give_out(std::string const& id, std::string const& login, std::string const& area,
                  std::vector<model::GivenCase> const& cases) const;

    /// Whether something of the pack came back already, or nothing is known of it.
    [[nodiscard]] bool is_spent(std::string const& id) const;

    /// Takes what came back, in one transaction: what changed in the field alone is written, what
    /// changed here too is kept as a conflict, and with a fault anywhere nothing is done. What came
    /// before is recognised.
    /// Throws   Error{not_found, "no-pack"} for a pack that is not the author's; Error{too_large,
    ///          "pack-too-many-changes"}; Error{conflict, "work-changed"} if a case changed
    ///          meanwhile: to be sent again.
    [[nodiscard]] model::PackOutcome bring_back(model::ReturnedPack const& pack, geo::Instant now,
                                                model::Author const& author,
                                                InspectionStore::Policies const& policies) const;

    /// The author's own and those with conflicts that the policy sees, the newest first.
    [[nodiscard]] std::vector<model::PackEntry>
    packs(std::string const& login, geo::Policy const& cases, std::uint32_t limit) const;
    struct Found {
        model::PackEntry pack;
        std::vector<model::PackConflict> conflicts; ///< of cases that the policy sees
    };
    /// Throws   Error{not_found, "no-pack"} where it is neither the login's nor has a conflict that
    ///          the policy sees; whatever the text `id` holds.
    [[nodiscard]] Found pack(std::string const& id, std::string const& login,
                             geo::Policy const& cases) const;

    /// Lets one of the two stand; the same answer again does nothing.
    /// Throws   Error{not_found, "no-conflict"}; Error{conflict, "conflict-settled"} for the other
    ///          answer; Error{conflict, "case-state"} where the case is beyond its inspection.
    void settle(std::string const& id, std::int64_t number, bool take_field,
                model::Author const& author, geo::Policy const& cases) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
