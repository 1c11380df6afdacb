namespace OrleansCrm.Server.Tests.Access;

/// <summary>Everybody who can knock. A key has one scope; a customer's token has all of its own.</summary>
[Flags]
internal enum Who
{
    Nobody = 0,
    Anonymous = 1 << 0,
    BrowserKey = 1 << 1,
    ServerKey = 1 << 2,
    ReadKey = 1 << 3,
    DecideKey = 1 << 4,
    RedeemKey = 1 << 5,
    PrivacyKey = 1 << 6,
    ProgramKey = 1 << 7,
    AdminKey = 1 << 8,
    Agent = 1 << 9,
    Supervisor = 1 << 10,
    Admin = 1 << 11,
    Customer = 1 << 12,

    /// <summary>The administrator of another tenant, signed in.</summary>
    ForeignAdmin = 1 << 13,

    /// <summary>A key of another tenant with all scopes.</summary>
    ForeignKey = 1 << 14,

    Agents = Agent | Supervisor | Admin,
    Keys = ReadKey | DecideKey | RedeemKey | PrivacyKey | ProgramKey | AdminKey,
    Readers = ReadKey | Agents,
    Administrators = AdminKey | Admin,
    WriteKeys = BrowserKey | ServerKey,
    Everybody = Anonymous | BrowserKey | ServerKey | Keys | Agents | Customer | ForeignAdmin | ForeignKey,
}

/// <summary>
/// One route and who may call it. Whoever may not gets 401 without a key that says who it is, else 403. Callers of another tenant are
/// administrators there: where they may call at all, what the path names does not exist for them.
/// </summary>
/// <param name="Route">Method and pattern, as the server maps it; <c>*</c> for every method.</param>
/// <param name="Statuses">What the allowed may get.</param>
internal sealed record AccessRow(string Route, Who Allowed, params int[] Statuses)
{
    /// <summary>JSON; <c>UNIQUE</c> becomes another word each time.</summary>
    public string? Body { get; init; }

    /// <summary>What callers of another tenant get; by default 404 where the path names something, else as the allowed.</summary>
    public int? Foreign { get; init; }

    /// <summary>Ingest knows write keys and an importer's key; nobody else has a name there.</summary>
    public bool IsIngest { get; init; }

    public string Method => Route[..Route.IndexOf(' ')];

    public string Pattern => Route[(Route.IndexOf(' ') + 1)..];
}

/// <summary>
/// Who may do what: a line for each route and each method of the hub. A new one fails <see cref="AccessMatrixTests"/> until it stands here.
/// A path's <c>{...}</c> is filled with something that exists (see <see cref="AccessCast"/>).
/// </summary>
internal static class AccessMatrix
{
    private const Who Redeemers = Who.RedeemKey | Who.Supervisor | Who.Admin | Who.Customer;

    public static readonly AccessRow[] Routes =
    [
        // Open.
        new("GET /health/live", Who.Everybody, 200),
        new("GET /health/ready", Who.Everybody, 200),
        new("GET /openapi/v1.json", Who.Everybody, 200),
        new("GET /metrics", Who.Everybody, 200),
        new("POST /v1/sessions", Who.Everybody, 400) { Body = "{}" },
        new("POST /v1/sessions/link", Who.Everybody, 401) { Body = """{"token":"sl_wrong"}""" },

        // Ingest.
        .. new[] { "identify", "i", "track", "t", "page", "p", "screen", "s", "group", "g", "alias", "a" }
            .Select(call => new AccessRow("POST /v1/" + call, Who.WriteKeys, 200) { IsIngest = true, Body = "{}" }),
        .. new[] { "/v1/batch", "/v1/b", "/beacon/v1/batch" }
            .Select(path => new AccessRow("POST " + path, Who.WriteKeys, 200) { IsIngest = true, Body = """{"batch":[]}""" }),
        new("POST /v1/import", Who.WriteKeys | Who.AdminKey, 200) { IsIngest = true, Body = """{"batch":[]}""", Foreign = 200 },
        new("POST /v1/events", Who.WriteKeys, 400, 415) { IsIngest = true, Body = "{}" },
        new("GET /v1/projects/{writeKey}/settings", Who.Everybody, 200),
        new("GET /sourceConfig", Who.WriteKeys, 200) { IsIngest = true },
        new("GET /v1/imports/{name}", Who.AdminKey, 200),
        new("GET /v1/imports/{name}/pending", Who.AdminKey, 200),
        new("POST /v1/imports/{name}/start", Who.AdminKey, 200) { Body = "{}", Foreign = 200 },
        new("POST /v1/imports/{name}/renew", Who.AdminKey, 200),
        new("POST /v1/imports/{name}/end", Who.AdminKey, 200),

        // What was refused, and the rules.
        new("GET /v1/quarantine", Who.Administrators, 200),
        new("POST /v1/quarantine/replay", Who.Administrators, 400),
        new("GET /v1/quarantine/{id}", Who.Administrators, 200),
        new("POST /v1/quarantine/{id}/replay", Who.Administrators, 200),
        new("GET /v1/program", Who.ProgramKey | Who.Admin, 200),
        new("PUT /v1/program", Who.ProgramKey | Who.Admin, 200) { Body = "{}" },
        new("POST /v1/program/whatif", Who.ProgramKey | Who.Admin, 200, 429) { Body = "{}" },
        new("GET /v1/program/schema", Who.ProgramKey | Who.Admin, 200),
        new("GET /v1/program/versions", Who.ProgramKey | Who.Admin, 200),
        new("GET /v1/program/violations", Who.ProgramKey | Who.Admin, 200),
        new("POST /v1/models/fit", Who.ProgramKey | Who.Admin, 200, 409) { Body = "{}", Foreign = 409 },
        new("POST /v1/offers/{id}/coupons", Who.ProgramKey | Who.Admin, 404) { Body = """{"count":1}""" },
        new("GET /v1/offers/{id}/budget", Who.ProgramKey | Who.Admin, 404),
        new("GET /v1/coupons/{code}", Who.ProgramKey | Who.Admin, 404),
        new("GET /v1/events/names", Who.ProgramKey | Who.Admin, 200),

        // Customers.
        new("GET /v1/customers", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/customers/{id}", Who.Readers, 200),
        new("GET /v1/customers/{id}/timeline", Who.Readers, 200),
        new("GET /v1/customers/{id}/curve", Who.Readers, 200),
        new("POST /v1/customers/{id}/tokens", Who.DecideKey, 201) { Body = """{"scopes":["decisions"],"seconds":60}""", Foreign = 201 },
        new("POST /v1/customers/{id}/decisions", Who.DecideKey | Who.Customer, 200) { Body = "{}", Foreign = 200 },
        new("GET /v1/decisions/{id}", Who.Readers | Who.DecideKey | Who.Customer, 200),
        new("GET /v1/customers/{id}/export", Who.PrivacyKey | Who.Supervisor | Who.Admin, 200),
        new("DELETE /v1/customers/{id}", Who.PrivacyKey | Who.Admin, 200, 202),
        new("POST /v1/customers/{id}/merge", Who.Administrators, 404) { Body = """{"into":"nobody-UNIQUE"}""" },
        new("PUT /v1/customers/{id}/owner", Who.AdminKey | Who.Supervisor | Who.Admin, 200) { Body = "{}" },
        new("GET /v1/customers/{id}/ledger", Who.Readers, 200),
        new("POST /v1/customers/{id}/adjustments", Who.AdminKey | Who.Supervisor | Who.Admin, 400) { Body = "{}", Foreign = 400 },
        new("POST /v1/customers/{id}/phase", Who.AdminKey | Who.Supervisor | Who.Admin, 400) { Body = "{}", Foreign = 400 },
        new("POST /v1/customers/{id}/referral", Redeemers, 200),
        new("PUT /v1/customers/{id}/household", Who.AdminKey | Who.Supervisor | Who.Admin, 400) { Body = "{}", Foreign = 400 },
        new("DELETE /v1/customers/{id}/household", Who.AdminKey | Who.Supervisor | Who.Admin, 200),
        new("POST /v1/customers/{id}/transfers", Redeemers, 400) { Body = """{"to":"x","points":1}""", Foreign = 400 },
        new("POST /v1/customers/{id}/redemptions", Redeemers, 400) { Body = """{"points":1}""", Foreign = 400 },
        new("POST /v1/customers/{id}/redemptions/{hold}/commit", Redeemers, 404),
        new("POST /v1/customers/{id}/redemptions/{hold}/cancel", Redeemers, 404),
        new("GET /v1/me", Who.Customer, 200),
        new("GET /v1/me/export", Who.Customer, 200),
        new("PUT /v1/me/consent", Who.Customer, 200) { Body = """{"purpose":"marketing","channel":"email","granted":true}""" },

        new("GET /v1/metrics/summary", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/segments", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/metrics/cohorts", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/metrics/points", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/metrics/uplift", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/metrics/desk", Who.Supervisor | Who.Administrators, 200) { Foreign = 200 },

        // Alerts.
        new("* /hubs/alerts", Who.Agents, 400) { Foreign = 400 },
        new("* /hubs/alerts/negotiate", Who.Agents, 200),
        new("* /hubs/customer", Who.Customer, 400),
        new("* /hubs/customer/negotiate", Who.Customer, 200),
        new("GET /v1/desks/{desk}/alerts", Who.Readers, 200) { Foreign = 200 },
        new("GET /v1/desks/{desk}/load", Who.Supervisor | Who.Administrators, 200) { Foreign = 200 },
        new("GET /v1/alerts/{id}", Who.Readers, 200),
        new("GET /v1/alerts/{id}/explanation", Who.Readers, 200),
        new("POST /v1/alerts/{id}/claim", Who.Agents, 200, 409),
        new("POST /v1/alerts/{id}/release", Who.Agents, 200, 409),
        new("POST /v1/alerts/{id}/snooze", Who.Agents, 400) { Body = """{"until":"2020-01-01"}""", Foreign = 400 },
        new("POST /v1/alerts/{id}/notes", Who.Agents, 200, 409) { Body = """{"text":"UNIQUE"}""" },
        new("POST /v1/alerts/{id}/assign", Who.Agents, 200, 409) { Body = $$"""{"agent":"{{Hosting.TestServer.AdminEmail}}"}""" },
        new("GET /v1/alerts/{id}/history", Who.Readers, 200),
        new("POST /v1/alerts/bulk", Who.Agents, 200) { Body = """{"action":"claim","alerts":["0-9999-0"]}""" },
        new("GET /v1/presence", Who.Readers, 200) { Foreign = 200 },
        new("POST /v1/alerts/{id}/resolve", Who.Agents, 200, 409) { Body = """{"outcome":"reached"}""" },

        // Administration.
        new("DELETE /v1/sessions", Who.Agents, 204),
        new("DELETE /v1/sessions/all", Who.Agents, 204),
        new("POST /v1/sessions/renew", Who.Agents, 200),
        new("DELETE /v1/users/{id}/sessions", Who.Administrators, 204),
        new("POST /v1/users", Who.Administrators, 201)
        {
            Body = """{"email":"UNIQUE@shop.example","password":"a long enough password","role":"agent"}""",
        },
        new("GET /v1/users", Who.Administrators, 200),
        new("PATCH /v1/users/{id}", Who.Administrators, 200) { Body = """{"role":"supervisor"}""" },
        new("DELETE /v1/users/{id}", Who.Administrators, 204),
        new("POST /v1/keys", Who.Administrators, 201) { Body = """{"name":"UNIQUE"}""" },
        new("GET /v1/keys", Who.Administrators, 200),
        new("PATCH /v1/keys/{id}", Who.Administrators, 200) { Body = """{"name":"UNIQUE"}""" },
        new("DELETE /v1/keys/{id}", Who.Administrators, 204),
        new("POST /v1/tenants", Who.Administrators, 201) { Body = """{"id":"tUNIQUE"}""", Foreign = 403 },
        new("GET /v1/tenants", Who.Administrators, 200) { Foreign = 403 },
        new("PATCH /v1/tenants/{id}", Who.Administrators, 200) { Body = """{"name":"UNIQUE"}""", Foreign = 403 },
        new("POST /v1/tenants/{id}/keys", Who.Administrators, 201) { Foreign = 403 },
        new("GET /v1/audit", Who.Administrators, 200),
    ];

    /// <summary>Methods of the hub, for agents of every role: name, and arguments with <c>ALERT</c> for an alert that exists.</summary>
    public static readonly (string Method, object?[] Arguments)[] HubMethods =
    [
        ("Subscribe", ["default", null]),
        ("Claim", ["ALERT"]),
        ("Release", ["ALERT"]),
        ("Resolve", ["ALERT", "reached", ""]),
        ("Snooze", ["ALERT", DateTime.UtcNow.AddDays(1).ToString("O", System.Globalization.CultureInfo.InvariantCulture)]),
        ("AddNote", ["ALERT", "A note."]),
        ("Assign", ["ALERT", Hosting.TestServer.AdminEmail]),
        ("SetPresence", ["busy"]),
        ("Presence", []),
        ("Looking", [null]),
    ];
}
