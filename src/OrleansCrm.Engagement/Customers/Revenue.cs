namespace OrleansCrm.Engagement.Customers;

internal static class Revenue
{
    /// <summary>Adds to a currency's total; a currency once used stays, with zero if need be.</summary>
    public static void Add(CustomerState state, string currency, long micros)
    {
        var totals = state.Revenue ??= new List<CurrencyTotal>(1);
        for (var i = 0; i < totals.Count; i++)
        {
            var order = string.CompareOrdinal(totals[i].Currency, currency);
            if (order == 0)
            {
                totals[i] = new CurrencyTotal(currency, Money.Add(totals[i].Micros, micros));
                return;
            }

            if (order > 0)
            {
                totals.Insert(i, new CurrencyTotal(currency, micros));
                return;
            }
        }

        totals.Add(new CurrencyTotal(currency, micros));
    }
}
