Feature: What donors give is kept in trust and accounted for
  The finance officer records what donors sign and send. Money is owed to its donor until it is used,
  a second person approves whatever moves it, and nothing in the books is ever edited.

  Background:
    Given the books of the term 2021-2023 are open
    And from 2021-12-01 a US dollar costs 0.80 EUR at the UN rate

  Scenario: A contribution in euros becomes the dollars it is worth on the day it arrives
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that EUR 40,000.00 arrived on 2021-12-15 under A-CITY
    Then it waits for another person, and the books are as before
    When the director approves what waits
    Then the last entry was made by the finance officer and approved by the director
    And US$50,000.00 of A-CITY is available
    And EUR 60,000.00 of A-CITY is still to come
    And EUR 40,000.00 is at the bank
    And assets are liabilities less use, and there is no revenue

  @as_installed
  Scenario: Nobody approves their own entry
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that EUR 40,000.00 arrived on 2021-12-15 under A-CITY
    And the finance officer approves what waits
    Then it is refused: "finance officer cannot approve this too (contribution received): another person must."
    And the books are as before

  Scenario: A gift without an agreement may be used for anything
    When the finance officer records a gift of USD 12,345.67 from the community organisation on 2021-12-15
    And the director approves what waits
    Then US$12,345.67 of R-1 is available
    And R-1 is not earmarked
    And assets are liabilities less use, and there is no revenue

  Scenario: Goods in kind are recognised at their fair value
    Given the foundation has signed agreement A-FOUND for USD 0
    When the finance officer records goods worth EUR 8,000.00 under A-FOUND, with their valuation
    And the director approves what waits
    Then the trial balance shows US$10,000.00 of "In-kind assets (goods)"
    And the trial balance shows US$10,000.00 of "Funds held in trust: in kind"
    And US$0.00 of A-FOUND is available
    And assets are liabilities less use, and there is no revenue

  Scenario: Hosting is disclosed and leaves the accounts alone
    Given the member city has signed agreement A-CITY for USD 0
    When the finance officer records hosting worth EUR 4,000.00 under A-CITY, with its invoice
    And the director approves what waits
    Then the trial balance shows US$5,000.00 of "Memo: services in kind"
    And assets, liabilities and use are all nothing

  Scenario: A value in kind needs evidence
    Given the foundation has signed agreement A-FOUND for USD 0
    When the finance officer records goods worth EUR 8,000.00 under A-FOUND, with nothing to prove it
    Then it is refused: "a value in kind needs evidence"
    And the books are as before

  Scenario: A closed month takes no more entries
    Given the month 2021-12 is closed on 2022-01-10
    When the finance officer records a gift of USD 5.00 from the foundation on 2021-12-31
    Then it is refused: "2021-12-31 lies in the closed period 2021-12"
    And the books are as before
    When the finance officer records a gift of USD 5.00 from the foundation on 2022-01-01
    Then it waits for another person, and the books are as before

  Scenario: A mistake is corrected by reversal, and both stay in the books
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    And EUR 4,000.00 has arrived on 2021-12-15 under A-CITY
    When the finance officer reverses the last entry on 2021-12-16, because "the bank sent 40,000.00"
    And the director approves what waits
    Then the last entry mirrors the one before it
    And US$0.00 of A-CITY is available
    And EUR 100,000.00 of A-CITY is still to come
    And assets are liabilities less use, and there is no revenue

  Scenario: The same bank advice told twice is one entry
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    And EUR 4,000.00 has arrived on 2021-12-15 under A-CITY
    When the finance officer tells the same contribution again
    Then it is done, and the books are as before
    When the finance officer tells it again as EUR 5,000.00
    Then it is refused: "is in the books already"
    And the books are as before

  Scenario Outline: A mistake in a contribution is told in one sentence and changes nothing
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that <amount> arrived on <day> under <agreement>
    Then it is refused: "<sentence>"
    And the books are as before

    Examples:
      | amount         | day        | agreement | sentence                                       |
      | XYZ 5.00       | 2021-12-15 | A-CITY    | 'XYZ' is not a currency                        |
      | EUR 1,000,00   | 2021-12-15 | A-CITY    | '1,000,00' is not an amount of EUR             |
      | EUR 0.001      | 2021-12-15 | A-CITY    | has more than 2 decimals                       |
      | EUR 100,000.01 | 2021-12-15 | A-CITY    | is more than agreement A-CITY still owes       |
      | USD 5.00       | 2021-12-15 | A-CITY    | The agreement A-CITY is in EUR, not in USD     |
      | EUR 5.00       | 2023-11-01 | A-CITY    | is outside the dates of agreement A-CITY       |
      | EUR 5.00       | 2021-12-32 | A-CITY    | '2021-12-32' is not a day                      |
      | EUR 5.00       | 2021-12-15 | A-NOBODY  | There is no agreement 'A-NOBODY' in this book. |

  Scenario Outline: A table of rates that is not right is refused as a whole
    When the finance officer imports rates with the row "<row>"
    Then it is refused: "<sentence>"
    And the books are as before

    Examples:
      | row                     | sentence                                  |
      | 2022-13-01,EUR,0.90,UN  | write the date as YYYY-MM-DD              |
      | 2022-01-01,EURO,0.90,UN | 'EURO' is not a currency                  |
      | 2022-01-01,EUR,none,UN  | 'none' is not a rate for EUR               |
      | 2022-01-01,EUR,-0.90,UN | '-0.90' is not a rate for EUR              |
      | 2022-01-01,KRW,1190,UN  | KRW stands twice                          |

  Scenario: A donor from a country that does not exist
    When the finance officer registers a donor from "XXX"
    Then it is refused: "There is no country 'XXX'"
    And the books are as before

  Scenario: A second book over the first
    When the finance officer opens new books in the same place
    Then it is refused: "There is a book at"
    And the books are as before
