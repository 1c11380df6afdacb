using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Looks through the search columns of a tenant's snapshots, which stand before the large ones of each row.</summary>
internal static class SearchQuery
{
    // '0' comes directly after the '/' that ends the tenant in a key.
    private const string Select = """
        SELECT customer, phase, tier, risk, orders, revenue, last_seen, segments, campaign, owner FROM snapshot
        WHERE partition = ? AND customer > ? AND customer < ? AND phase <> '' AND (? = '' OR phase = ?) AND (? = '' OR tier = ?) AND risk >= ?
            AND (? = '' OR instr(segments, ?) > 0) AND (? = '' OR campaign = ?) AND (? = '' OR owner = ?)
        """;

    public static FoundCustomer[] Run(SqliteSession session, int partition, CustomerSearch search)
    {
        var found = new List<FoundCustomer>();
        var column = ColumnOf(search.Order);
        var sql = column is null
            ? Select + " AND (? = 0 OR customer > ?) ORDER BY customer LIMIT ?"
            : $"{Select} AND (? = 0 OR {column} < ? OR ({column} = ? AND customer > ?)) ORDER BY {column} DESC, customer LIMIT ?";
        var statement = session.Prepare(sql).Bind(partition).Bind(search.Tenant + "/").Bind(search.Tenant + "0").Bind(search.Phase).Bind(search.Phase)
            .Bind(search.Tier).Bind(search.Tier).Bind(search.MinRiskMillionths)
            .Bind(search.SegmentMark).Bind(search.SegmentMark).Bind(search.Campaign).Bind(search.Campaign).Bind(search.Owner).Bind(search.Owner).Bind(search.After is null ? 0 : 1);
        if (column is not null)
            statement = statement.Bind(search.After?.ValueOf(search.Order) ?? 0).Bind(search.After?.ValueOf(search.Order) ?? 0);
        using var rows = statement.Bind(search.After?.Customer ?? "").Bind(search.Limit);
        while (rows.Step())
        {
            found.Add(new FoundCustomer(
                rows.Text(0),
                new SearchColumns(
                    rows.Text(1), rows.Text(2), rows.Int64(3), rows.Int64(4), rows.Int64(5), rows.Int64(6), rows.Text(7), rows.Text(8), rows.Text(9))));
        }

        return found.ToArray();
    }

    private static string? ColumnOf(SearchOrder order) => order switch
    {
        SearchOrder.Risk => "risk",
        SearchOrder.Revenue => "revenue",
        SearchOrder.Orders => "orders",
        SearchOrder.LastSeen => "last_seen",
        _ => null,
    };
}
