"""The demo: two tenants with twelve months of believable books, the same on every machine.

    calendar    which days the books cover
    names       people, departments, customers, suppliers
    profiles    what each company is like: accounts, size, opening balances
    rollouts    how far the new approval flow has come
    people      tenants and who works there
    books       charts, ledgers, periods, dimensions
    journal     entries collected by month and posted through the ledger's own service
    periods     the close of each month that is over
    company     a company's months, from sales to the tax return
    waiting     what is not finished: drafts, a queue, reversals, attachments

Everything is random by a fixed seed. Only the day on which the demo is made decides which
twelve months it covers.
"""
