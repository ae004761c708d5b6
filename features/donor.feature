Feature: Each donor gets a statement of the use of its money
  A donor gets a statement in its own language. Every figure of it is a sum of lines in the journal, and
  the same statement can be printed again at any time.

  Background:
    Given the example fund at the end of its first year

  Scenario Outline: A statement in the donor's language says what the journal says
    When <donor> is sent its statement up to 2022-12-31
    Then it is titled "<title>"
    And it says what <donor> gave, what was used of it, for what, and what is left, as the journal does
    And it carries the day, the entry and the seal of the books

    Examples:
      | donor  | title                           |
      | BANK-A | Accountability statement        |
      | GOV-A  | Relevé de redevabilité          |
      | NGO-A  | Estado de rendición de cuentas  |

  Scenario Outline: A receipt letter in the donor's language says what the journal says
    When <donor> is sent the letter for <reference>
    Then it is titled "<title>"
    And the letter for <reference> says that <amount> arrived, worth <dollars>, as the journal does
    And it carries the entry of <reference>, its seal and that of the books

    Examples:
      | donor  | reference  | title                                  | amount         | dollars        |
      | BANK-A | R-2021-001 | Receipt for a contribution             | US$250,000.00  | US$250,000.00  |
      | GOV-A  | R-2022-001 | Accusé de réception d’une contribution | 120 000,00 EUR | 135 900,34 $US |
      | NGO-A  | G-2022-001 | Acuse de recibo de una contribución    | 25.000,00 EUR  | 27.839,64 US$  |

  @as_installed
  Scenario: Each cent of a statement is found again in the journal
    When GOV-A asks where the figures of its statement come from
    Then every figure is the sum of the lines named under it
    And every line named is in the journal
    And no line of the journal that used GOV-A's money is missing

  Scenario: A statement gives the results of the activities, and claims no part of them for the donor
    When FOUND-A is sent its statement up to 2022-12-31
    Then it says "aucune part n’en est attribuée à un seul donateur"
    And it says "Décideurs formés : 99"
    When FOUND-A asks where the figures of its statement come from
    Then of MDFM-1.2 the policy-makers-trained are 99, as the reports of G-01 add up to

  Scenario: The uses of funds in all statements add up to what the fund used
    When every donor asks where the figures of its statement come from
    Then their uses add up to the use in the trial balance

  Scenario: A gift of staff is disclosed with its value and its evidence
    When UNI-A is sent its statement up to 2022-12-31
    Then it shows K-SECONDMENT at US$45,000.00, proved by "secondment-letter.txt"

  Scenario: A statement printed again later is the same, byte for byte
    When GOV-A is sent its statement up to 2022-12-31
    And a gift of USD 1,000.00 from GOV-A arrives on 2023-01-10
    And the same statement is printed again
    Then both prints are the same, byte for byte
    But the statement as known today is another

  Scenario: A statement is confirmed long after it was printed, though the books have gone on
    When GOV-A is sent its statement up to 2022-12-31
    And a gift of USD 1,000.00 from GOV-A arrives on 2023-01-10
    And the donor has its statement checked
    Then every figure of it is confirmed

  Scenario: What everybody was sent in March is printed again in December, byte for byte
    When everybody's statement of 2022 is issued on 2023-03-31
    And a gift of USD 1,000.00 from GOV-A arrives on 2023-01-10
    And GOV-A asks for the statement of March again
    Then both prints are the same, byte for byte
    And the books say that all 10 donors were given theirs on 2023-03-31

  Scenario: A statement that is issued again is the file that was issued, whatever is drawn today
    When GOV-A is issued its statement up to 2022-12-31 known at entry 82
    And statements are drawn in another layout
    And the same statement is issued again
    Then both prints are the same, byte for byte
    And it is said that the file of then was written

  Scenario: The letter to a person is erased with the person, and still known
    Given Examplia Nominata is a contact of BANK-A
    When BANK-A is issued the letter for R-2021-001
    And Examplia Nominata of BANK-A is erased
    Then the letter is confirmed as issued
    But it cannot be printed again: "was erased with the person that it named"

  Scenario: A statement of a term that has not begun says so
    When GOV-A is sent its statement up to 2021-10-31
    Then it says "Le mandat 2021-2023 commence le 1er novembre 2021."

  Scenario: Only a statement of closed accounts is certified
    When GOV-A asks for a certified statement up to 2023-01-31
    Then it is refused: "2023-01 is open"
    And there is no statement
    When GOV-A asks for a certified statement up to 2022-12-31
    Then it says "Relevé certifié : les comptes de chaque mois de sa période sont clos."
    And it says "Fonctionnaire certificateur de l’agent administratif"

  Scenario Outline: A statement that cannot be is not written
    When <donor> is sent its statement up to <day>
    Then it is refused: "<sentence>"
    And there is no statement

    Examples:
      | donor  | day        | sentence                              |
      | NOBODY | 2022-12-31 | There is no donor 'NOBODY'            |
      | GOV-A  | tomorrow   | 'tomorrow' is not a day               |
