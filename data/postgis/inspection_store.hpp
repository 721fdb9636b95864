#pragma once

#include "data/model/edit.hpp"
#include "data/model/inspection.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Cases of inspection: opened once, and given to who inspects there and has least to do.
///
/// Pools    serve reads, edit writes.
/// Policy   an argument of every read and write; a row that it does not see is as if it were not
///          there. A case has the scope of its parcel, or of the commune that it lies in.
/// Throws   Error{unavailable, …}: what is repeated with the same key is done once.
class InspectionStore {
public:
    InspectionStore(Pool& serve, Pool& edit) : m_serve{serve}, m_edit{edit} {}

    struct Policies {
        geo::Policy const& cases;
        geo::Policy const& parcels;
        geo::Policy const& inspectors;
    };
    /// Throws   Error{not_found, "no-parcel"}; Error{forbidden, "edit-scope"} where the sender may
    ///          not open one; Error{bad_input, "key-reused"}.
    [[nodiscard]] model::OpenedInspection open(model::NewInspection const& asked, geo::Instant now,
                                               model::Author const& author,
                                               Policies const& policies) const;

    /// Of those who inspect where the case lies, else of those of everywhere: who has the fewest
    /// open cases, as the policy of cases sees them. `login`: that one, if it is one of them.
    [[nodiscard]] model::Inspector lightest(std::int64_t inspection, std::string const& login,
                                            Policies const& policies) const;

    /// Who inspects where the case lies, who has least to do first.
    [[nodiscard]] std::vector<model::Inspector> inspectors(std::int64_t inspection,
                                                           Policies const& policies) const;

    /// A case is overdue when the day has passed that it is due on, or, once it is decided, the day
    /// of its follow-up; days are local (UTC+7).
    [[nodiscard]] model::InspectionList cases(model::InspectionQuestion const& asked,
                                              geo::Instant now, geo::Policy const& policy) const;
    [[nodiscard]] model::InspectionCounts counts(std::string const& who, geo::Instant now,
                                                 geo::Policy const& policy) const;

    [[nodiscard]] std::vector<model::InspectionMove> moves() const;
    /// The items of the checklist of that day, as JSON.
    [[nodiscard]] std::string checklist(geo::Date since) const;
    /// Every step, the first first.
    [[nodiscard]] std::vector<model::InspectionStep> steps(std::int64_t inspection,
                                                           geo::Policy const& policy) const;

    /// The values of `indicators` that the decision of the case counts towards, as rows of it: of
    /// its commune, by month and by year. None where it takes or gives back no agricultural land.
    [[nodiscard]] std::vector<std::int64_t>
    counted(std::int64_t inspection, geo::Policy const& cases, geo::Policy const& indicators) const;
    /// Whether the parcel is registered as something else than agricultural land on that day.
    [[nodiscard]] bool is_no_farmland(std::int64_t parcel, geo::Date on,
                                      geo::Policy const& parcels) const;

private:
    Pool& m_serve;
    Pool& m_edit;
};

/// Photos of cases: they come in parts that follow each other, are judged when they are whole, and
/// are there once.
///
/// Pool     of Role::edit.
/// Policy   an argument of every read and write: an upload is seen by who sees its case.
/// Throws   Error{not_found, …}, Error{unavailable, …}.
class CasePhotoStore {
public:
    explicit CasePhotoStore(Pool& edit) : m_pool{edit} {}

    struct Draft {
        std::int64_t inspection = 0;
        std::string key; ///< the sender's
        std::int64_t length = 0;
        std::string sha256; ///< may be empty
    };
    /// The upload of that key, if it was begun.
    /// Throws   Error{bad_input, "key-reused"}, Error{unavailable, "too-many-uploads"}.
    [[nodiscard]] model::PhotoUpload begin(Draft const& draft, std::string const& login,
                                           geo::Policy const& cases) const;

    [[nodiscard]] model::PhotoUpload upload(std::int64_t id, geo::Policy const& cases) const;

    struct Policies {
        geo::Policy const& cases;
        geo::Policy const& photos;
        geo::Policy const& parcels;
    };
    /// Keeps the bytes and says what they are; throws for what is no photo.
    using Judge =
        std::function<model::PhotoFacts(model::PhotoUpload const&, std::string const& bytes)>;
    /// Adds what follows. The last part makes the photo, with its distance to the parcel in metres
    /// on the ellipsoid (0 inside), or to the case's position where it has none.
    /// Throws   Error{conflict, "upload-offset"} naming where it stands; Error{bad_input,
    ///          "upload-part"} for what goes beyond the length.
    [[nodiscard]] model::PhotoUpload append(std::int64_t id, std::int64_t offset,
                                            std::string_view bytes, Judge const& judge,
                                            geo::Instant now, model::Author const& author,
                                            Policies const& policies) const;

    /// Forgets uploads that were begun so long ago and never became a photo; how many.
    std::int64_t give_up(std::chrono::seconds age) const;

    /// What came is forgotten: it begins again.
    void restart(std::int64_t id, geo::Policy const& cases) const;

    struct Found {
        std::string sha256;
        std::string media_type;
    };
    /// Throws   Error{not_found, "no-photo"}.
    [[nodiscard]] Found photo(std::int64_t inspection, std::int64_t photo,
                              geo::Policy const& photos) const;
    /// Of a case, the first first.
    [[nodiscard]] std::vector<std::int64_t> photos(std::int64_t inspection,
                                                   geo::Policy const& photos) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
